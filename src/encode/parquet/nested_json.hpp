// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "encode/parquet/column_builder.hpp"

namespace tinybird_cdk::encode::parquet {

/// Appends a list, tuple or map, given as JSON, to a column of such a type.
/// @param json valid JSON, as the writers build nested values. @throws Unstorable when it has another shape
void append_json(ColumnBuilder& column, std::string_view json);

}  // namespace tinybird_cdk::encode::parquet
