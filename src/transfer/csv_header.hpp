// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tinybird_cdk::transfer {

/// Tells header lines from rows: every field of a header is the name of a column of the target.
class CsvHeader {
public:
    explicit CsvHeader(const std::vector<std::string>& columns);

    /// @param line with or without its end and its UTF-8 mark
    [[nodiscard]] bool matches(std::string_view line) const;

private:
    [[nodiscard]] bool matches(std::string_view line, char delimiter) const;

    std::set<std::string, std::less<>> columns_;
};

/// A header line with its end, for columns in this order. Each name stands between quotes, whatever is in it.
std::string header_line(const std::vector<std::string>& columns);

/// A line without its end and its UTF-8 mark.
std::string_view text_of_line(std::string_view line);

}  // namespace tinybird_cdk::transfer
