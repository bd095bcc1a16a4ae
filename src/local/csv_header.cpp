// SPDX-License-Identifier: Apache-2.0
#include "local/csv_header.hpp"

#include <algorithm>

namespace tinybird_cdk::local {

std::optional<std::vector<std::size_t>> header_columns(const std::vector<std::string>& fields,
                                                       const std::vector<schema::Column>& columns) {
    std::vector<std::size_t> places;
    for (const std::string& field : fields) {
        const auto found = std::find_if(columns.begin(), columns.end(), [&](const schema::Column& column) {
            return column.name == field || column.name == schema::data_source_name(field);
        });
        const auto place = static_cast<std::size_t>(found - columns.begin());
        if (found == columns.end() || std::find(places.begin(), places.end(), place) != places.end()) {
            return std::nullopt;
        }
        places.push_back(place);
    }
    return places;
}

}  // namespace tinybird_cdk::local
