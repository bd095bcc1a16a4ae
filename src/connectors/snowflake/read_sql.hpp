// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "column.hpp"

/// What is run to read a result through the driver. Pure.
namespace tinybird_cdk::snowflake {

/// A query that gives no rows, and the columns of another one.
std::string columns_only(std::string_view query);

/// The query itself, or one around it: columns that the driver would not give as they are (see docs/adr/0028) are
/// converted by Snowflake.
/// @throws errors::InvalidArgument for a column of a type that the kit does not know: nobody knows what would come
std::string readable(const std::string& query, const std::vector<Column>& columns);

/// A format of Snowflake's, with so many digits of a second behind it, as a literal.
std::string time_format(std::string_view form, int digits);

/// A value as JSON text, WKT or other text, for kinds that are kept as such; empty for the others.
std::string as_kept_text(const Column& column, const std::string& value);

}  // namespace tinybird_cdk::snowflake
