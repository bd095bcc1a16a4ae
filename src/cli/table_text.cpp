// SPDX-License-Identifier: Apache-2.0
#include "cli/table_text.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace tinybird_cdk::cli {

namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.,-+eE") == std::string_view::npos &&
           text.find_first_of("0123456789") != std::string_view::npos;
}

std::string shown(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') {
            result += "\\n";
        } else if (byte < 0x20U || byte == 0x7FU) {
            result += fmt::format("\\x{:02x}", static_cast<unsigned>(byte));
        } else {
            result += c;
        }
    }
    return result;
}

std::string padded(const std::string& text, std::size_t width, bool right) {
    const std::string blanks(width - std::min(width, display_width(text)), ' ');
    return right ? blanks + text : text + blanks;
}

std::string csv_field(const Value& value) {
    if (value.is_null()) {
        return {};
    }
    std::string text = value.to_text();
    if (!std::holds_alternative<std::string>(value.variant()) && text.find_first_of(",\"\n") == std::string::npos) {
        return text;
    }
    std::string result = "\"";
    for (const char c : text) {
        result += c;
        if (c == '"') {
            result += c;
        }
    }
    return result + "\"";
}

}  // namespace

std::size_t display_width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string table_text(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    std::vector<bool> right(header.size(), !rows.empty());
    for (const std::string& name : header) {
        widths.push_back(display_width(shown(name)));
    }
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < header.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(shown(row[i])));
            right[i] = right[i] && (is_number(row[i]) || row[i] == "null" || row[i].empty());
        }
    }
    std::string text;
    const auto add_line = [&](const std::vector<std::string>& fields) {
        std::string line;
        for (std::size_t i = 0; i < header.size(); ++i) {
            line += (i == 0 ? "" : "  ") + padded(shown(fields[i]), widths[i], right[i]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    };
    add_line(header);
    std::string rule;
    for (std::size_t i = 0; i < header.size(); ++i) {
        rule += (i == 0 ? "" : "  ") + std::string(widths[i], '-');
    }
    text += rule + "\n";
    for (const auto& row : rows) {
        add_line(row);
    }
    return text;
}

std::string table_text(const ResultSet& rows) {
    if (rows.empty()) {
        return "(no rows)\n";
    }
    std::vector<std::string> header;
    for (const auto& field : rows.front()) {
        header.push_back(field.first);
    }
    std::vector<std::vector<std::string>> texts;
    for (const auto& row : rows) {
        std::vector<std::string> fields;
        for (const auto& field : row) {
            fields.push_back(field.second.to_text());
        }
        fields.resize(header.size());
        texts.push_back(std::move(fields));
    }
    return table_text(header, texts);
}

std::string json_text(const ResultSet& rows) {
    std::string text = "[";
    for (const auto& row : rows) {
        text += (text.size() > 1 ? ",\n " : "") + Value(row).to_json();
    }
    return text + "]\n";
}

std::string csv_text(const ResultSet& rows) {
    std::string text;
    if (rows.empty()) {
        return text;
    }
    for (const auto& field : rows.front()) {
        text += (text.empty() ? "" : ",") + csv_field(Value(field.first));
    }
    text += "\n";
    for (const auto& row : rows) {
        bool first = true;
        for (const auto& field : row) {
            text += (first ? "" : ",") + csv_field(field.second);
            first = false;
        }
        text += "\n";
    }
    return text;
}

std::string count_text(std::uint64_t count) {
    std::string text = fmt::format("{}", count);
    for (std::size_t i = text.size(); i > 3; i -= 3) {
        text.insert(i - 3, 1, ',');
    }
    return text;
}

std::string bytes_text(double bytes) {
    constexpr double kilo = 1000;
    if (bytes < kilo) {
        return fmt::format("{:.0f} B", bytes);
    }
    for (const char* unit : {"kB", "MB", "GB"}) {
        bytes /= kilo;
        if (bytes < kilo) {
            return fmt::format("{:.1f} {}", bytes, unit);
        }
    }
    return fmt::format("{:.1f} TB", bytes / kilo);
}

std::string moment_text(std::chrono::system_clock::time_point time) {
    return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string duration_text(double seconds) {
    constexpr int minute = 60;
    if (seconds < minute) {
        return fmt::format("{:.1f} s", seconds);
    }
    const auto whole = static_cast<std::uint64_t>(seconds);
    return fmt::format("{}:{:02}", whole / minute, whole % minute);
}

}  // namespace tinybird_cdk::cli
