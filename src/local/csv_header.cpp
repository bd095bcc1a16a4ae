// SPDX-License-Identifier: Apache-2.0
#include "local/csv_header.hpp"

#include <algorithm>

namespace tinybird_cdk::local {

std::optional<CsvRecord> first_record(std::string_view text, char delimiter) {
    CsvRecord record;
    std::string field;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c != '"') {
                field += c;
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                field += c;
                ++i;
            } else {
                quoted = false;
            }
        } else if (c == '"' && field.empty()) {
            quoted = true;
        } else if (c == delimiter) {
            record.fields.push_back(std::move(field));
            field.clear();
        } else if (c == '\n') {
            if (field.ends_with('\r')) {
                field.pop_back();
            }
            record.fields.push_back(std::move(field));
            record.end = i + 1;
            return record;
        } else {
            field += c;
        }
    }
    return std::nullopt;
}

std::optional<std::vector<std::size_t>> header_columns(const CsvRecord& record,
                                                       const std::vector<schema::Column>& columns) {
    std::vector<std::size_t> places;
    for (const std::string& field : record.fields) {
        const auto found = std::find_if(columns.begin(), columns.end(),
                                        [&](const schema::Column& column) { return column.name == field; });
        const auto place = static_cast<std::size_t>(found - columns.begin());
        if (found == columns.end() || std::find(places.begin(), places.end(), place) != places.end()) {
            return std::nullopt;
        }
        places.push_back(place);
    }
    return places;
}

}  // namespace tinybird_cdk::local
