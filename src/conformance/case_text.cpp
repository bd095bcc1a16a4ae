// SPDX-License-Identifier: Apache-2.0
#include "conformance/case_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::conformance {

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t\r";
    const std::size_t begin = text.find_first_not_of(spaces);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

}  // namespace

void refuse_case_line(std::string_view file, std::size_t number, const std::string& problem) {
    throw errors::InvalidArgument(fmt::format("{}:{}: {}", file, number, problem),
                                  "The notation of case files is in docs/conformance.md.");
}

std::vector<CaseSection> case_sections(std::string_view text, std::string_view file) {
    std::vector<CaseSection> sections;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.starts_with('#')) {
            continue;
        }
        if (line.starts_with('[')) {
            if (!line.ends_with(']')) {
                refuse_case_line(file, number, "a section ends with a bracket, as in [type smallint]");
            }
            const std::string_view inner = trimmed(line.substr(1, line.size() - 2));
            const std::size_t space = std::min(inner.find(' '), inner.size());
            sections.push_back(
                {std::string(inner.substr(0, space)), std::string(trimmed(inner.substr(space))), {}, number});
            continue;
        }
        const std::size_t equals = line.find('=');
        const std::string_view key = trimmed(line.substr(0, std::min(equals, line.size())));
        if (equals == std::string_view::npos || key.empty()) {
            refuse_case_line(file, number, "a line is \"key = value\", a section, or a comment after #");
        }
        if (sections.empty()) {
            refuse_case_line(file, number, "lines belong to a section: begin with [source]");
        }
        sections.back().lines.push_back({std::string(key), std::string(trimmed(line.substr(equals + 1))), number});
    }
    return sections;
}

}  // namespace tinybird_cdk::conformance
