// SPDX-License-Identifier: Apache-2.0
#include "export_sql.hpp"

#include <fmt/format.h>

#include "sql_text.hpp"

namespace tinybird_cdk::bigquery {

namespace {

/// A scalar in the notation of text formats; numbers, truth values and text stay what they are.
std::string scalar_in_notation(const Field& field, const std::string& value) {
    const std::string& type = field.type;
    if (type == "TIMESTAMP") {
        return fmt::format("FORMAT_TIMESTAMP('%F %H:%M:%E6S', {}, 'UTC')", value);
    }
    if (type == "DATETIME") {
        return fmt::format("FORMAT_DATETIME('%F %H:%M:%E6S', {})", value);
    }
    if (type == "BYTES") {
        return fmt::format("TO_BASE64({})", value);
    }
    if (type == "GEOGRAPHY") {
        return fmt::format("ST_ASTEXT({})", value);
    }
    if (type == "JSON" || type == "STRUCT") {
        return fmt::format("IF({0} IS NULL, NULL, TO_JSON_STRING({0}))", value);
    }
    if (type == "INT64" || type == "FLOAT64" || type == "BOOL" || type == "STRING") {
        return value;
    }
    return fmt::format("CAST({} AS STRING)", value);
}

bool is_bare_in_arrays(const Field& field) {
    return field.type == "INT64" || field.type == "FLOAT64" || field.type == "BOOL" || field.type == "NUMERIC" ||
           field.type == "BIGNUMERIC";
}

/// CSV has no arrays: ClickHouse's notation as text, in which strings stand between single quotes with backslashes
/// (https://clickhouse.com/docs/interfaces/formats#csv).
std::string array_as_text(const Field& field, const std::string& array) {
    std::string element = scalar_in_notation(field, "x");
    if (is_bare_in_arrays(field)) {
        element = fmt::format("CAST({} AS STRING)", element);
    } else {
        element = fmt::format(R"(CONCAT("'", REPLACE(REPLACE({}, "\\", "\\\\"), "'", "\\'"), "'"))", element);
    }
    return fmt::format(
        "CONCAT('[', IFNULL(ARRAY_TO_STRING(ARRAY(SELECT {} FROM UNNEST({}) AS x WITH OFFSET AS o ORDER BY o), ','), "
        "''), ']')",
        element, array);
}

std::string array_in_notation(const Field& field, const std::string& array, Format format) {
    if (field.type == "STRUCT") {
        return fmt::format("IF({0} IS NULL, '[]', TO_JSON_STRING({0}))", array);
    }
    if (format == Format::csv) {
        return array_as_text(field, array);
    }
    const std::string element = scalar_in_notation(field, "x");
    return element == "x"
               ? array
               : fmt::format("ARRAY(SELECT {} FROM UNNEST({}) AS x WITH OFFSET AS o ORDER BY o)", element, array);
}

std::string without_end(std::string_view query) {
    while (!query.empty() && std::string_view("; \t\r\n").find(query.back()) != std::string_view::npos) {
        query.remove_suffix(1);
    }
    return std::string(query);
}

}  // namespace

std::string not_exportable(const std::vector<Field>& fields, Format format) {
    if (format == Format::parquet) {
        return "Tinybird takes one Parquet file for an import, and BigQuery writes as many as it likes";
    }
    for (const Field& field : fields) {
        if (field.type == "INTERVAL") {
            return fmt::format("BigQuery writes the intervals of column \"{}\" in a notation of its own", field.name);
        }
    }
    return {};
}

std::string in_our_notation(std::string_view query, const std::vector<Field>& fields, Format format) {
    std::vector<std::string> columns;
    for (const Field& field : fields) {
        const std::string name = identifier(field.name);
        const std::string value =
            field.repeated ? array_in_notation(field, name, format) : scalar_in_notation(field, name);
        columns.push_back(value == name ? name : value + " AS " + name);
    }
    return fmt::format("SELECT {}\nFROM (\n{}\n)", fmt::join(columns, ", "), without_end(query));
}

std::string export_statement(const std::string& uri, Format format, const std::string& query) {
    // A header line, for without one columns would be matched by their position; it can't be cut from compressed
    // objects.
    const bool csv = format == Format::csv;
    return fmt::format("EXPORT DATA OPTIONS (uri = {}, format = '{}', {}) AS\n{}",
                       literal(uri + (csv ? "part-*.csv" : "part-*.ndjson.gz")), csv ? "CSV" : "JSON",
                       csv ? "header = true" : "compression = 'GZIP'", query);
}

}  // namespace tinybird_cdk::bigquery
