// SPDX-License-Identifier: Apache-2.0
#include "copy_sql.hpp"

#include <utility>

#include <fmt/format.h>

#include "read_sql.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::snowflake {

namespace {

/// Numbers of more digits stand between quotes in NDJSON, for readers that go through a double lose them.
constexpr int exact_digits = 15;
/// Of an object; Snowflake's own default of 16 MB makes too many to join.
constexpr unsigned object_bytes = 256U << 20U;

std::string in_notation(const Column& column, Format format) {
    constexpr std::string_view moment = "YYYY-MM-DD HH24:MI:SS";
    const std::string name = identifier(column.name);
    switch (column.kind) {
        case ColumnKind::number:
            return format == Format::ndjson && (column.scale > 0 || column.precision > exact_digits)
                       ? fmt::format("TO_VARCHAR({})", name)
                       : name;
        case ColumnKind::binary:
            return fmt::format("BASE64_ENCODE({})", name);
        case ColumnKind::date:
            return fmt::format("TO_VARCHAR({}, 'YYYY-MM-DD')", name);
        case ColumnKind::timestamp_ntz:
            return fmt::format("TO_VARCHAR({}, {})", name, time_format(moment, column.scale));
        case ColumnKind::timestamp_ltz:
        case ColumnKind::timestamp_tz:
            return fmt::format("TO_VARCHAR(CONVERT_TIMEZONE('UTC', {}), {})", name, time_format(moment, column.scale));
        default:
            break;
    }
    const std::string text = as_kept_text(column, name);
    return text.empty() ? name : text;
}

}  // namespace

std::string not_unloadable(const std::vector<Column>& columns, Format format) {
    if (format == Format::parquet) {
        return "Tinybird takes one Parquet file for an import, and Snowflake writes as many as it likes";
    }
    for (const Column& column : columns) {
        if (column.kind == ColumnKind::real) {
            // https://docs.snowflake.com/en/user-guide/data-unload-considerations#floating-point-numbers-truncated
            return fmt::format("Snowflake cuts the digits of column \"{}\", which is a FLOAT, when it writes text",
                               column.name);
        }
        if (column.kind == ColumnKind::other) {
            return fmt::format("column \"{}\" is of a type that the kit does not know, {}", column.name, column.type);
        }
    }
    return {};
}

std::string in_our_notation(std::string_view query, const std::vector<Column>& columns, Format format) {
    std::vector<std::string> parts;
    for (const Column& column : columns) {
        const std::string value = in_notation(column, format);
        const std::string name = identifier(column.name);
        if (format == Format::ndjson) {
            parts.push_back(fmt::format("{}, {}", literal(column.name), value));
        } else {
            parts.push_back(value == name ? name : value + " AS " + name);
        }
    }
    const std::string selected = fmt::format("{}", fmt::join(parts, ", "));
    return fmt::format("SELECT {} FROM ({})",
                       format == Format::ndjson ? fmt::format("OBJECT_CONSTRUCT_KEEP_NULL({})", selected) : selected,
                       embedded(query));
}

std::string copy_statement(std::string_view directory, Format format, std::string_view query) {
    // NULL is \N, and text stands between quotes always: neither can be taken for the other, and a row of one NULL is
    // no empty line. A header line, for without one columns would be matched by their position; it can't be cut from
    // compressed objects.
    constexpr std::string_view csv =
        R"(TYPE = CSV COMPRESSION = NONE RECORD_DELIMITER = '\n' FIELD_DELIMITER = ',' FIELD_OPTIONALLY_ENCLOSED_BY = '"' ESCAPE = NONE ESCAPE_UNENCLOSED_FIELD = NONE NULL_IF = ('\\N') EMPTY_FIELD_AS_NULL = FALSE FILE_EXTENSION = 'csv')";
    constexpr std::string_view ndjson = "TYPE = JSON COMPRESSION = GZIP FILE_EXTENSION = 'ndjson.gz'";
    return fmt::format(
        "COPY INTO @{}part_ FROM ({}) FILE_FORMAT = ({}) HEADER = {} SINGLE = FALSE OVERWRITE = FALSE MAX_FILE_SIZE = "
        "{} "
        "DETAILED_OUTPUT = FALSE",
        directory, embedded(query), format == Format::csv ? csv : ndjson, format == Format::csv ? "TRUE" : "FALSE",
        object_bytes);
}

}  // namespace tinybird_cdk::snowflake
