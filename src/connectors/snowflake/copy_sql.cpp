// SPDX-License-Identifier: Apache-2.0
#include "copy_sql.hpp"

#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "failure.hpp"
#include "number_range.hpp"
#include "read_sql.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::snowflake {

namespace {

/// Of an object; Snowflake's own default of 16 MB makes too many to join. Parquet is an import for each object, of
/// which Tinybird makes few in a minute.
constexpr unsigned object_bytes = 256U << 20U;
constexpr unsigned parquet_bytes = 512U << 20U;

/// What ClickHouse's types hold (https://clickhouse.com/docs/sql-reference/data-types/datetime64): with nine digits of
/// a second 64 bits are full in 2262.
struct Range {
    const char* behind_last;  ///< the condition that a value follows
    std::string_view years;
};
Range range_of(const Column& column) {
    constexpr int nanoseconds = 9;
    // Made of numbers: what a text means depends on the formats of the account.
    if (column.kind != ColumnKind::date && column.scale == nanoseconds) {
        return {"> TIMESTAMP_NTZ_FROM_PARTS(2262, 4, 11, 23, 47, 16)", years_of_nanoseconds};
    }
    return {">= DATE_FROM_PARTS(2300, 1, 1)", "1900 to 2299"};
}

/// The text of a day or a moment. Snowflake has no function that fails: a text that is no number does, and it says the
/// column. Whether it fails does not depend on which parts of an expression are computed.
std::string text_in_range(const Column& column, const std::string& value, std::string_view form) {
    const Range range = range_of(column);
    const std::string text = fmt::format("TO_VARCHAR({}, {})", value, time_format(form, column.scale));
    return fmt::format(
        "SUBSTR({0}, 1 + IFF({1} < DATE_FROM_PARTS(1900, 1, 1) OR {1} {2}, {3} || {0} || {4}, '0')::INT)", text, value,
        range.behind_last, literal(fmt::format("column \"{}\": the value ", column.name)),
        literal(fmt::format(" is outside of the years {}, and {}", range.years, refused_value)));
}

bool is_float(const OutputColumn& output) {
    return output.target &&
           (output.target->kind() == schema::Kind::float32 || output.target->kind() == schema::Kind::float64);
}

/// Text where Snowflake is to add nothing (CSV), and in NDJSON, where nothing says how it spells a number in an object,
/// and readers that go through a double would lose digits. A float has none to lose.
std::string number_text(const Column& column, const OutputColumn& output, Format format) {
    const std::string name = identifier(column.name);
    return format == Format::csv || (format == Format::ndjson && !is_float(output))
               ? fmt::format("TO_VARCHAR({})", name)
               : name;
}

/// The value, or a failure where the target does not hold the number.
std::string in_range(const Column& column, const OutputColumn& output, const std::string& value) {
    const std::string name = identifier(column.name);
    const std::string outside = output.target ? does_not_fit(column, name, *output.target) : std::string();
    if (outside.empty()) {
        return value;
    }
    return fmt::format("IFF(IFF({}, {} || TO_VARCHAR({}) || {}, '0')::INT = 0, {}, NULL)", outside,
                       literal(fmt::format("column \"{}\": the value ", column.name)), name,
                       literal(fmt::format("{}{}, and {}", none_of_the_numbers,
                                           output.target->with_nullable(false).to_string(), refused_value)),
                       value);
}

/// For CSV always text.
std::string in_notation(const Column& column, const OutputColumn& output, Format format) {
    constexpr std::string_view moment = "YYYY-MM-DD HH24:MI:SS";
    const std::string name = identifier(column.name);
    switch (column.kind) {
        case ColumnKind::number:
            return in_range(column, output, number_text(column, output, format));
        case ColumnKind::boolean:
            return format == Format::csv ? fmt::format("TO_VARCHAR({})", name) : name;
        case ColumnKind::binary:
            return fmt::format("BASE64_ENCODE({})", name);
        case ColumnKind::date:
            return text_in_range(column, name, "YYYY-MM-DD");
        case ColumnKind::timestamp_ntz:
            return text_in_range(column, name, moment);
        case ColumnKind::timestamp_ltz:
        case ColumnKind::timestamp_tz:
            return text_in_range(column, fmt::format("CONVERT_TIMEZONE('UTC', {})::TIMESTAMP_NTZ", name), moment);
        default:
            break;
    }
    const std::string text = as_kept_text(column, name);
    return text.empty() ? name : text;
}

bool is_quoted(ColumnKind kind) {
    switch (kind) {
        case ColumnKind::number:
        case ColumnKind::boolean:
        case ColumnKind::date:
        case ColumnKind::timestamp_ntz:
        case ColumnKind::timestamp_ltz:
        case ColumnKind::timestamp_tz:
            return false;
        default:
            return true;
    }
}

/// A field as it is to stand in the line. NULL stays NULL.
std::string csv_field(const Column& column, const OutputColumn& output) {
    std::string text = in_notation(column, output, Format::csv);
    if (!is_quoted(column.kind)) {
        return text;
    }
    if (column.kind == ColumnKind::text) {
        // Under some collations REPLACE is refused (https://docs.snowflake.com/en/sql-reference/functions/replace).
        text = fmt::format("COLLATE({}, 'utf8')", text);
    }
    return fmt::format(R"('"' || REPLACE({}, '"', '""') || '"')", text);
}

/// A number with a type in Parquet that does not depend on the query that is asked for: a cast there to FLOAT gives
/// four bytes, one to INT 32 bits
/// (https://docs.snowflake.com/en/user-guide/data-unload-considerations#explicitly-converting-numeric-columns-to-parquet-data-types).
std::string with_parquet_type(const Column& column, const std::string& value) {
    switch (column.kind) {
        case ColumnKind::number:
            return fmt::format("({})::NUMBER({}, {})", value, column.precision, column.scale);
        case ColumnKind::real:
            return fmt::format("({})::DOUBLE", value);
        default:
            return value;
    }
}

/// The value, or the same kind of failure for NULL. The text of the value is "" then, and is in the sentence only so
/// that it is none that is known before a row is looked at.
std::string not_null(const Column& column, const std::string& value) {
    const std::string name = identifier(column.name);
    const std::string kept = as_kept_text(column, name);
    return fmt::format("IFF(IFF({0} IS NULL, {1} || IFNULL({2}, ''), '0')::INT = 0, {3}, NULL)", name,
                       literal(fmt::format("column \"{}\" {}", column.name, refused_null)),
                       kept.empty() ? fmt::format("TO_VARCHAR({})", name) : kept, value);
}

}  // namespace

std::string not_unloadable(const std::vector<Column>& columns, Format format) {
    for (const Column& column : columns) {
        if (column.kind == ColumnKind::real && format != Format::parquet) {
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

std::string in_our_notation(std::string_view query, const std::vector<Column>& columns,
                            const std::vector<OutputColumn>& outputs, Format format) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const OutputColumn& output = outputs.at(i);
        std::string value =
            format == Format::csv ? csv_field(columns[i], output) : in_notation(columns[i], output, format);
        if (output.target && !output.target->nullable()) {
            value = not_null(columns[i], value);
        } else if (format == Format::csv) {
            value = fmt::format("IFNULL({}, {})", value, literal("\\N"));
        }
        if (format == Format::parquet) {
            value = with_parquet_type(columns[i], value);
        }
        parts.push_back(format == Format::ndjson ? fmt::format("{}, {}", literal(output.name), value)
                                                 : fmt::format("{} AS {}", value, identifier(output.name)));
    }
    const std::string selected = fmt::format("{}", fmt::join(parts, ", "));
    return fmt::format("SELECT {} FROM ({})",
                       format == Format::ndjson ? fmt::format("OBJECT_CONSTRUCT_KEEP_NULL({})", selected) : selected,
                       embedded(query));
}

std::string copy_statement(std::string_view directory, Format format, std::string_view query) {
    // The query makes the fields, quotes and all, and has no NULL; here nothing is added to them. With quotes of
    // Snowflake's own the text for NULL would stand in some, as the text \N does
    // (https://docs.snowflake.com/en/user-guide/data-unload-considerations#example-unloading-and-loading-data-with-enclosing-quotes),
    // and its default for fields without escapes with backslashes. The header line is put in front of each import by
    // the kit: cut from objects, it would bring them through this machine where the store joins whole ones only.
    constexpr std::string_view csv =
        R"(TYPE = CSV COMPRESSION = NONE RECORD_DELIMITER = '\n' FIELD_DELIMITER = ',' FIELD_OPTIONALLY_ENCLOSED_BY = NONE ESCAPE = NONE ESCAPE_UNENCLOSED_FIELD = NONE NULL_IF = ('\\N') EMPTY_FIELD_AS_NULL = FALSE FILE_EXTENSION = 'csv')";
    constexpr std::string_view ndjson = "TYPE = JSON COMPRESSION = GZIP FILE_EXTENSION = 'ndjson.gz'";
    constexpr std::string_view parquet = "TYPE = PARQUET COMPRESSION = SNAPPY";
    // In Parquet it is what says the names of columns.
    const bool header = format == Format::parquet;
    return fmt::format(
        "COPY INTO @{}part_ FROM ({}) FILE_FORMAT = ({}) HEADER = {} SINGLE = FALSE OVERWRITE = FALSE MAX_FILE_SIZE = "
        "{} DETAILED_OUTPUT = TRUE",
        directory, embedded(query),
        format == Format::csv      ? csv
        : format == Format::ndjson ? ndjson
                                   : parquet,
        header ? "TRUE" : "FALSE", format == Format::parquet ? parquet_bytes : object_bytes);
}

}  // namespace tinybird_cdk::snowflake
