// SPDX-License-Identifier: Apache-2.0
#include "export_sql.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "number_fit.hpp"
#include "record_sql.hpp"
#include "sql_text.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::bigquery {

namespace {

/// What ClickHouse's types for dates hold, whatever their digits
/// (https://clickhouse.com/docs/sql-reference/data-types/datetime64); with nine digits, which BigQuery has not, less.
constexpr const char* first_day = "1900-01-01";
constexpr const char* last_day = "2299-12-31";

bool is_text(const Field& field) {
    return suggest_type(field).type.kind() == schema::Kind::string;
}

bool is_known(const Field& field) {
    constexpr std::array<std::string_view, 16> known{"INT64", "FLOAT64",   "NUMERIC",  "BIGNUMERIC", "BOOL", "STRING",
                                                     "BYTES", "DATE",      "DATETIME", "TIMESTAMP",  "TIME", "JSON",
                                                     "RANGE", "GEOGRAPHY", "STRUCT",   "INTERVAL"};
    return std::find(known.begin(), known.end(), field.type) != known.end();
}

/// As BigQuery calls a column that the query gives no name: it is a name of the result only.
bool is_made_up(std::string_view name) {
    return name.size() > 2 && name.starts_with('f') && name.ends_with('_') &&
           std::all_of(name.begin() + 1, name.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
}

/// Of a column, or of a member of a record; empty: it can be written.
std::string why_not(const Field& field) {  // NOLINT(misc-no-recursion): as deep as the schema is, 15 levels at most
    if (field.type == "INTERVAL") {
        return "BigQuery writes intervals in a notation of its own";
    }
    if (field.timestamp_precision > Field().timestamp_precision) {
        return "BigQuery writes no more than six digits of a second";
    }
    if (!is_known(field)) {
        return fmt::format("the kit does not know how BigQuery writes {}", field.type);
    }
    for (const Field& member : field.fields) {
        if (member.name.empty()) {
            return "it is a record whose members have no names";
        }
        if (std::string inside = why_not(member); !inside.empty()) {
            return inside;
        }
    }
    return {};
}

/// The text of an error for a value that would not arrive as it is.
std::string refusal(const Field& field, const char* why) {
    return literal(fmt::format("{}column \"{}\"{}", refused_mark, field.name, why));
}

/// The value, or an error that names it under a condition.
std::string or_error(const Field& field, const std::string& condition, const std::string& value,
                     const std::string& what) {
    return fmt::format("IF({0}, ERROR(CONCAT({1}, CAST({2} AS STRING), {3})), {2})", condition,
                       refusal(field, ": the value "), value, literal(" " + what));
}

/// The value, or an error when the types of dates and decimals don't hold it.
std::string in_range(const Field& field, const std::string& value) {
    const std::string& type = field.type;
    std::string outside;
    if (type == "DATE") {
        outside = fmt::format("{0} < DATE '{1}' OR {0} > DATE '{2}'", value, first_day, last_day);
    } else if (type == "DATETIME") {
        outside = fmt::format("{0} < DATETIME '{1} 00:00:00' OR {0} > DATETIME '{2} 23:59:59.999999'", value, first_day,
                              last_day);
    } else if (type == "TIMESTAMP") {
        outside = fmt::format("{0} < TIMESTAMP '{1} 00:00:00+00' OR {0} > TIMESTAMP '{2} 23:59:59.999999+00'", value,
                              first_day, last_day);
    } else if (type == "BIGNUMERIC" && !field.precision) {
        // More than 38 digits before the point.
        outside = fmt::format("STRPOS(CONCAT(CAST(ABS({}) AS STRING), '.'), '.') > 39", value);
    } else {
        return value;
    }
    const std::string what = type == "BIGNUMERIC" ? "is 10^38 or beyond" : "is outside of the years 1900 to 2299";
    return or_error(field, outside, value, fmt::format("{}, and its place in the data source can't hold it", what));
}

/// The value, or an error when it is a number that its place does not hold. @param target nothing: it is not known
/// @param written the value in the end, where it is one that fits
std::string number_or_error(const Field& field, const std::string& value, const schema::Type* target,
                            const std::string& written) {
    const std::string outside = target == nullptr ? std::string() : does_not_fit(field, value, *target);
    if (outside.empty()) {
        return written;
    }
    const std::string what =
        fmt::format(" does not fit into {} of the data source", target->with_nullable(false).to_string());
    return fmt::format("IF({}, ERROR(CONCAT({}, CAST({} AS STRING), {})), {})", outside, refusal(field, ": the value "),
                       value, literal(what), written);
}

/// A scalar in the notation of the format; numbers, truth values and text stay what they are.
/// @param target of the value; nothing: it is not known
std::string scalar_in_notation(const Field& field, const std::string& value, Format format,
                               const schema::Type* target) {
    const std::string& type = field.type;
    if (type == "BYTES") {
        return fmt::format("TO_BASE64({})", value);
    }
    if (type == "GEOGRAPHY") {
        return fmt::format("ST_ASTEXT({})", value);
    }
    if (type == "STRUCT") {
        return record_as_json(field, value);
    }
    if (type == "JSON") {
        return fmt::format("IF({0} IS NULL, NULL, TO_JSON_STRING({0}))", value);
    }
    if (type == "FLOAT64" && format != Format::parquet) {
        // How BigQuery writes them as text is not documented.
        return or_error(field, fmt::format("IS_NAN({0}) OR IS_INF({0})", value), value,
                        "is no number that text formats have: use Parquet, or load directly");
    }
    std::string checked = number_or_error(field, value, target, in_range(field, value));
    if (type == "INT64" || type == "FLOAT64" || type == "BOOL" || type == "STRING") {
        return checked;
    }
    const bool is_native = type == "DATE" || type == "DATETIME" || type == "TIMESTAMP" || type == "NUMERIC";
    if (format == Format::parquet && is_native) {
        return checked;
    }
    if (type == "TIMESTAMP") {
        return fmt::format("FORMAT_TIMESTAMP('%F %H:%M:%E6S', {}, 'UTC')", checked);
    }
    if (type == "DATETIME") {
        return fmt::format("FORMAT_DATETIME('%F %H:%M:%E6S', {})", checked);
    }
    if (type == "RANGE") {
        return range_as_text(field, value);
    }
    return type == "TIME" ? time_text(checked) : fmt::format("CAST({} AS STRING)", checked);
}

bool is_bare_in_arrays(const Field& field) {
    return field.type == "INT64" || field.type == "FLOAT64" || field.type == "BOOL" || field.type == "NUMERIC" ||
           field.type == "BIGNUMERIC";
}

/// Of the elements of an array, which are called x. A result of BigQuery's has no NULL in an array; an export is not
/// documented to look.
std::string element_or_error(const Field& field, const std::string& element) {
    return fmt::format("IF(x IS NULL, ERROR({}), {})", refusal(field, " has NULL in an array"), element);
}

/// An array that is NULL becomes an empty one.
std::string each_element(const std::string& element, const std::string& array) {
    return fmt::format("ARRAY(SELECT {} FROM UNNEST({}) AS x WITH OFFSET AS o ORDER BY o)", element, array);
}

/// CSV has no arrays: ClickHouse's notation as text, in which strings stand between single quotes with backslashes
/// (https://clickhouse.com/docs/interfaces/formats#csv).
std::string array_as_text(const Field& field, const std::string& array, const schema::Type* target) {
    std::string element = scalar_in_notation(field, "x", Format::csv, target);
    if (is_bare_in_arrays(field)) {
        element = fmt::format("CAST({} AS STRING)", element);
    } else {
        element = fmt::format(R"(CONCAT("'", REPLACE(REPLACE({}, "\\", "\\\\"), "'", "\\'"), "'"))", element);
    }
    return fmt::format("CONCAT('[', IFNULL(ARRAY_TO_STRING({}, ','), ''), ']')",
                       each_element(element_or_error(field, element), array));
}

/// @param target of the elements; nothing: it is not known
std::string array_in_notation(const Field& field, const std::string& array, Format format, const schema::Type* target) {
    if (field.type == "STRUCT") {
        return record_as_json(field, array);
    }
    if (format == Format::csv) {
        return array_as_text(field, array, target);
    }
    return each_element(element_or_error(field, scalar_in_notation(field, "x", format, target)), array);
}

const schema::Type* element_of(const schema::Type* array) {
    return array != nullptr && array->kind() == schema::Kind::array ? &array->arguments().front() : nullptr;
}

/// Arrays have no NULL, and are themselves written as empty ones.
std::string not_null(const Field& field, const std::string& value, const std::string& written) {
    return fmt::format("IF({} IS NULL, ERROR({}), {})", value,
                       refusal(field, " has NULL, and its place in the data source takes none"), written);
}

/// As in "part-*.csv" of a URI; BigQuery puts numbers in.
struct Kind {
    const char* name;
    const char* objects;
    const char* options;
};
Kind kind_of(Format format) {
    switch (format) {
        case Format::csv:
            // The kit puts one header line in front, for Cloud Storage joins whole objects only, and those that have
            // header lines could not be joined without reading them. It can't be put before compressed ones.
            return {"CSV", "part-*.csv", "header = false"};
        case Format::parquet:
            return {"PARQUET", "part-*.parquet", "compression = 'SNAPPY'"};
        default:
            return {"JSON", "part-*.ndjson.gz", "compression = 'GZIP'"};
    }
}

}  // namespace

std::string not_exportable(const std::vector<Field>& fields, Format format) {
    for (const Field& field : fields) {
        std::string reason = why_not(field);
        if (reason.empty() && is_made_up(field.name)) {
            reason = "the query gives it no name (AS)";
        } else if (reason.empty() && format == Format::csv && is_text(field)) {
            reason =
                "in CSV as BigQuery writes it, '' may be taken for NULL and blanks be lost; NDJSON has text as it is";
        } else if (reason.empty() && format == Format::parquet && field.type == "BIGNUMERIC") {
            reason = "76 digits are not taken from Parquet; NDJSON has them as text";
        }
        if (!reason.empty()) {
            return fmt::format("column \"{}\": {}", field.name, reason);
        }
    }
    return {};
}

std::string in_our_notation(std::string_view query, const std::vector<Field>& fields,
                            const std::vector<OutputColumn>& columns, Format format) {
    std::vector<std::string> expressions;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const Field& field = fields[i];
        const OutputColumn& column = columns.at(i);
        const std::string value = identifier(field.name);
        const schema::Type* const target = column.target ? &*column.target : nullptr;
        std::string written = field.repeated ? array_in_notation(field, value, format, element_of(target))
                                             : scalar_in_notation(field, value, format, target);
        // Also where the dry run says REQUIRED: that a join or a wildcard table can't bring a NULL there is not
        // promised.
        if (!field.repeated && column.target && !column.target->nullable()) {
            written = not_null(field, value, written);
        }
        const std::string name = identifier(column.name);
        expressions.push_back(written == name ? name : written + " AS " + name);
    }
    return fmt::format("SELECT {}\nFROM (\n{}\n)", fmt::join(expressions, ", "), without_end(query));
}

std::string export_statement(const std::string& uri, Format format, const std::string& query) {
    const Kind kind = kind_of(format);
    return fmt::format("EXPORT DATA OPTIONS (uri = {}, format = '{}', {}) AS\n{}", literal(uri + kind.objects),
                       kind.name, kind.options, query);
}

}  // namespace tinybird_cdk::bigquery
