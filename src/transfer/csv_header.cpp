// SPDX-License-Identifier: Apache-2.0
#include "transfer/csv_header.hpp"

#include <cstddef>
#include <optional>

#include "transfer/byte_marks.hpp"

namespace tinybird_cdk::transfer {

namespace {

/// Those that Tinybird recognises by itself.
constexpr std::string_view delimiters = ",;\t|";

/// Takes the first field off. @return nothing when the line is no CSV
std::optional<std::string> take_field(std::string_view& rest, char delimiter) {
    std::string field;
    if (!rest.starts_with('"')) {
        const std::size_t end = rest.find(delimiter);
        field = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
        return field;
    }
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] != '"') {
            field += rest[i];
        } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
            field += '"';
            ++i;
        } else {
            rest = rest.substr(i + 1);
            return field;
        }
    }
    return std::nullopt;
}

}  // namespace

std::string header_line(const std::vector<std::string>& columns) {
    std::string line;
    for (const std::string& column : columns) {
        line += line.empty() ? "\"" : ",\"";
        for (const char c : column) {
            line.append(c == '"' ? 2 : 1, c);
        }
        line += '"';
    }
    return line + '\n';
}

std::string_view text_of_line(std::string_view line) {
    if (line.starts_with(utf8_mark)) {
        line.remove_prefix(utf8_mark.size());
    }
    line.remove_suffix(line.ends_with('\n') ? 1 : 0);
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    return line;
}

CsvHeader::CsvHeader(const std::vector<std::string>& columns) : columns_(columns.begin(), columns.end()) {}

bool CsvHeader::matches(std::string_view line) const {
    const std::string_view text = text_of_line(line);
    for (const char delimiter : delimiters) {
        if (matches(text, delimiter)) {
            return true;
        }
    }
    return false;
}

bool CsvHeader::matches(std::string_view line, char delimiter) const {
    for (;;) {
        const std::optional<std::string> field = take_field(line, delimiter);
        if (!field || !columns_.contains(*field)) {
            return false;
        }
        if (line.empty()) {
            return true;
        }
        if (line.front() != delimiter) {
            return false;
        }
        line.remove_prefix(1);
    }
}

}  // namespace tinybird_cdk::transfer
