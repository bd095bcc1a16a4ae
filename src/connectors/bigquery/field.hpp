// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/value.hpp>

namespace tinybird_cdk::bigquery {

/// A column or a member of a record, as the REST API describes it
/// (https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableFieldSchema).
struct Field {
    std::string name;
    std::string type;  ///< in SQL's words, as in "INT64": the API also has the older ones ("INTEGER")
    bool repeated = false;
    bool required = false;
    std::optional<int> precision = {};   ///< NUMERIC and BIGNUMERIC, where it is declared
    int scale = 0;                       ///< likewise
    std::optional<int> max_length = {};  ///< STRING and BYTES, where it is declared
    int timestamp_precision = 6;         ///< TIMESTAMP: digits behind the second
    std::string range_element = {};      ///< RANGE
    std::vector<Field> fields = {};      ///< STRUCT
    bool operator==(const Field&) const = default;
};

/// @throws errors::ExternalDatasourceError for what is no schema. @param schema an object with "fields"
std::vector<Field> fields_of(const Value& schema);

/// As SQL writes it, as in "ARRAY<STRUCT<a INT64, b NUMERIC(10, 2)>>".
std::string type_text(const Field& field);

}  // namespace tinybird_cdk::bigquery
