// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::local {

/// The fields of the first record of a CSV text, and where the second begins; nothing when the record is not complete.
struct CsvRecord {
    std::vector<std::string> fields;
    std::size_t end = 0;
};
std::optional<CsvRecord> first_record(std::string_view text, char delimiter);

/// The columns that a header line names, in its order; nothing when the record is no header: each field of a header is
/// the name of a column, once.
std::optional<std::vector<std::size_t>> header_columns(const CsvRecord& record,
                                                       const std::vector<schema::Column>& columns);

}  // namespace tinybird_cdk::local
