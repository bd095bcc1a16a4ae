// SPDX-License-Identifier: Apache-2.0
#include "local/error_file.hpp"

#include <fstream>
#include <iterator>

#include "local/csv_header.hpp"

namespace tinybird_cdk::local {

std::vector<UnreadRow> take_error_file(const std::filesystem::path& file) {
    std::vector<UnreadRow> rows;
    std::string text;
    {
        std::ifstream stream(file, std::ios::binary);
        text.assign(std::istreambuf_iterator<char>(stream), {});
    }
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    // Columns: time, database, table, offset, reason, raw data.
    constexpr std::size_t reason_column = 4;
    constexpr std::size_t raw_column = 5;
    std::string_view rest = text;
    while (const auto record = first_record(rest, ',')) {
        rest.remove_prefix(record->end);
        if (record->fields.size() > raw_column) {
            rows.push_back({record->fields[reason_column], record->fields[raw_column]});
        }
    }
    return rows;
}

}  // namespace tinybird_cdk::local
