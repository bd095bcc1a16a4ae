// SPDX-License-Identifier: Apache-2.0
//
// A report for people and for programs.
#include <tinybird_cdk/conformance/outcome.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/value.hpp>

namespace tinybird_cdk::conformance {

namespace {

std::string_view word_of(const Outcome& outcome) {
    return std::holds_alternative<Passed>(outcome)    ? "passed"
           : std::holds_alternative<Skipped>(outcome) ? "skipped"
                                                      : "FAILED";
}

/// A line of the table: the outcomes of one check and case, by format.
struct Line {
    std::string name;
    std::map<Format, const Outcome*> by_format;
    const Outcome* only = nullptr;
};

std::string name_of(const Result& result) {
    return result.subject.empty() ? result.check : result.check + ": " + result.subject;
}

std::vector<Line> lines_of(const std::vector<Result>& results) {
    std::vector<Line> lines;
    for (const Result& result : results) {
        const std::string name = name_of(result);
        auto line = std::find_if(lines.begin(), lines.end(), [&](const Line& known) { return known.name == name; });
        if (line == lines.end()) {
            lines.push_back({name, {}, nullptr});
            line = std::prev(lines.end());
        }
        (result.format ? line->by_format[*result.format] : line->only) = &result.outcome;
    }
    return lines;
}

std::vector<Format> formats_of(const std::vector<Result>& results) {
    std::vector<Format> formats;
    for (const Result& result : results) {
        if (result.format && std::find(formats.begin(), formats.end(), *result.format) == formats.end()) {
            formats.push_back(*result.format);
        }
    }
    std::sort(formats.begin(), formats.end());
    return formats;
}

std::string cell(const Line& line, Format format) {
    const auto found = line.by_format.find(format);
    if (found != line.by_format.end()) {
        return std::string(word_of(*found->second));
    }
    return line.only != nullptr ? "" : "-";
}

/// One line, not too long, for people: the whole value is in the JSON.
std::string shown(std::string_view text) {
    constexpr std::size_t most = 300;
    std::string line;
    for (const char c : text.substr(0, most)) {
        line += static_cast<unsigned char>(c) < 0x20U ? ' ' : c;
    }
    return text.size() > most ? line + fmt::format("… ({} bytes)", text.size()) : line;
}

std::string label(const Result& result) {
    return result.format ? fmt::format("{} ({})", name_of(result), formats::name(*result.format)) : name_of(result);
}

std::string failure_text(const Result& result, const Failed& failed) {
    std::string text = fmt::format("FAILED  {}: {}\n", label(result), shown(failed.what));
    if (!failed.expected.empty()) {
        text += fmt::format("        expected {}\n", shown(failed.expected));
    }
    return text + fmt::format("        got      {}\n", shown(failed.got));
}

/// Each reason once, with what it stands for.
std::vector<std::pair<std::string, std::string>> reasons_of(const std::vector<Result>& results) {
    std::vector<std::pair<std::string, std::string>> reasons;
    for (const Result& result : results) {
        if (const auto* const skipped = std::get_if<Skipped>(&result.outcome)) {
            auto found = std::find_if(reasons.begin(), reasons.end(),
                                      [&](const auto& known) { return known.first == skipped->reason(); });
            if (found == reasons.end()) {
                reasons.emplace_back(skipped->reason(), "");
                found = std::prev(reasons.end());
            }
            const std::string name =
                result.format ? fmt::format("{} ({})", result.check, formats::name(*result.format)) : name_of(result);
            if (found->second.find(name) == std::string::npos) {
                found->second += (found->second.empty() ? "" : ", ") + name;
            }
        }
    }
    return reasons;
}

std::string markdown_escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        result += c == '|' ? "\\|" : std::string(1, c);
    }
    return result;
}

}  // namespace

std::string Report::to_text() const {
    const std::vector<Line> lines = lines_of(results_);
    const std::vector<Format> formats = formats_of(results_);
    std::size_t width = 5;
    for (const Line& line : lines) {
        width = std::max(width, line.name.size());
    }
    std::string text = fmt::format("{:<{}}  {:<8}", "check", width, "");
    for (const Format format : formats) {
        text += fmt::format("{:<9}", formats::name(format));
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n";
    for (const Line& line : lines) {
        text += fmt::format("{:<{}}  {:<8}", line.name, width, line.only != nullptr ? word_of(*line.only) : "");
        for (const Format format : formats) {
            text += fmt::format("{:<9}", cell(line, format));
        }
        text.erase(text.find_last_not_of(' ') + 1);
        text += "\n";
    }
    text += "\n";
    for (const Result& result : results_) {
        if (const auto* const failed = std::get_if<Failed>(&result.outcome)) {
            text += failure_text(result, *failed);
        }
    }
    for (const auto& [reason, names] : reasons_of(results_)) {
        text += fmt::format("skipped {}: {}\n", shown(names), reason);
    }
    text += fmt::format("{}: {} passed, {} failed, {} skipped\n", connector_, passed(), failed(), skipped());
    return logger::mask(text);
}

std::string Report::to_markdown() const {
    const std::vector<Format> formats = formats_of(results_);
    std::string text = "| check | |";
    std::string rule = "|---|---|";
    for (const Format format : formats) {
        text += fmt::format(" {} |", formats::name(format));
        rule += "---|";
    }
    text += "\n" + rule + "\n";
    for (const Line& line : lines_of(results_)) {
        text +=
            fmt::format("| {} | {} |", markdown_escaped(line.name), line.only != nullptr ? word_of(*line.only) : "");
        for (const Format format : formats) {
            text += fmt::format(" {} |", cell(line, format));
        }
        text += "\n";
    }
    text += fmt::format("\n{} passed, {} failed, {} skipped.\n", passed(), failed(), skipped());
    for (const Result& result : results_) {
        if (const auto* const failed = std::get_if<Failed>(&result.outcome)) {
            text += fmt::format("\n- {}: {}; expected {}, got {}\n", label(result), shown(failed->what),
                                shown(failed->expected), shown(failed->got));
        }
    }
    for (const auto& [reason, names] : reasons_of(results_)) {
        text += fmt::format("\n- Skipped {}: {}\n", names, reason);
    }
    return logger::mask(text);
}

std::string Report::to_json() const {
    Value::List list;
    for (const Result& result : results_) {
        Value::Record record{{"check", result.check},
                             {"subject", result.subject},
                             {"format", result.format ? Value(std::string(formats::name(*result.format))) : Value()}};
        if (const auto* const failed = std::get_if<Failed>(&result.outcome)) {
            record.emplace_back("outcome", "failed");
            record.emplace_back("what", failed->what);
            record.emplace_back("expected", failed->expected);
            record.emplace_back("got", failed->got);
        } else if (const auto* const skipped = std::get_if<Skipped>(&result.outcome)) {
            record.emplace_back("outcome", "skipped");
            record.emplace_back("reason", skipped->reason());
        } else {
            record.emplace_back("outcome", "passed");
        }
        list.emplace_back(std::move(record));
    }
    return logger::mask(Value(Value::Record{{"connector", connector_},
                                            {"passed", std::uint64_t{passed()}},
                                            {"failed", std::uint64_t{failed()}},
                                            {"skipped", std::uint64_t{skipped()}},
                                            {"results", std::move(list)}})
                            .to_json());
}

}  // namespace tinybird_cdk::conformance
