// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "column.hpp"

/// What Snowflake is to write for Tinybird to read. Pure.
namespace tinybird_cdk::snowflake {

/// Why the columns of a result can't be written without loss; empty: they can.
std::string not_unloadable(const std::vector<Column>& columns, Format format);

/// The query, with each column in the notation that the kit's own writer gives it; for NDJSON one column of objects.
/// It fails for moments outside of the years that ClickHouse's types hold, for numbers that the target does not hold,
/// and for NULL where it takes none.
/// @param outputs one for each column: under which name it is written, and its target
std::string in_our_notation(std::string_view query, const std::vector<Column>& columns,
                            const std::vector<OutputColumn>& outputs, Format format);

/// COPY INTO of such a query (https://docs.snowflake.com/en/sql-reference/sql/copy-into-location).
/// @param directory a stage and a directory below it, as in "MYDB.PUBLIC.UNLOADS/load1/"
std::string copy_statement(std::string_view directory, Format format, std::string_view query);

}  // namespace tinybird_cdk::snowflake
