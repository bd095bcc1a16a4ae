// SPDX-License-Identifier: Apache-2.0
#include "unload_sql.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::redshift {

namespace {

/// Objects of a size of which many fit into one import.
constexpr const char* largest_object = "256 MB";
/// Twice that and two quotes are a text that Redshift surely holds: 65,535 bytes.
constexpr int longest_quoted = 32766;

/// An expression that ends the query when it is evaluated: the text is no number. It depends on the value, for
/// constants are evaluated before any row is looked at.
std::string refusal(const Column& column, std::string_view what, const std::string& text) {
    return fmt::format("CAST(CAST({} || COALESCE(LEFT({}, 30), '') AS INTEGER) AS VARCHAR(16))",
                       literal(fmt::format("column {} has {}: ", column.name, what)), text);
}

/// Redshift may write fewer digits than a number has, so the text is read again and compared
/// (https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html#unload-usage-floating-point-precision).
std::string exact_real(const Column& column, std::string_view type, const std::string& value) {
    const std::string text = fmt::format("CAST({} AS VARCHAR(64))", value);
    return fmt::format("CASE WHEN CAST({0} AS {3}) = {1} THEN {0} WHEN {1} IS NOT NULL THEN {2} END", text, value,
                       refusal(column, "a number that its text does not hold exactly, so load it directly", text),
                       type);
}

/// Others have other digits, which ClickHouse would cut.
std::string exact_decimal(const Column& column, const std::string& value, const schema::Type& target) {
    const std::string text = fmt::format("CAST({} AS VARCHAR(64))", value);
    return fmt::format(
        "CASE WHEN CAST({0} AS DECIMAL({1}, {2})) = {0} THEN {3} WHEN {0} IS NOT NULL THEN {4} END", value,
        target.precision(), target.scale(), text,
        refusal(column, fmt::format("a number that Decimal({}, {}) can't have", target.precision(), target.scale()),
                text));
}

/// What the kit's own types hold: years beyond would be bent to fit without a word.
std::string moment_in_years(const Column& column, const std::string& value) {
    const std::string text = fmt::format("CAST({} AS VARCHAR(64))", value);
    return fmt::format(
        "CASE WHEN {0} >= '1900-01-01' AND {0} < '2300-01-01' THEN {1} WHEN {0} IS NOT NULL THEN {2} END", value, text,
        refusal(column, "a moment outside the years 1900 to 2299, so load it directly", text));
}

/// What has no form of its own in the driver's rows.
std::string opaque_as_text(Kind kind, const std::string& value) {
    if (kind == Kind::super) {
        return fmt::format("JSON_SERIALIZE({})", value);
    }
    if (kind == Kind::varbyte) {
        return fmt::format("FROM_VARBYTE({}, 'base64')", value);
    }
    // Without a length Redshift would cut.
    return fmt::format("CAST({} AS VARCHAR(64))", value);
}

/// The value as text, or as the number that it is. NULL stays NULL.
std::string as_text(const Column& column, const schema::Type& target) {
    std::string value = identifier(column.name);
    switch (column.kind) {
        case Kind::whole:
        case Kind::text:
            return value;
        case Kind::single:
            // The nearest double of its text would be another number.
            return target.kind() == schema::Kind::float32
                       ? exact_real(column, "REAL", value)
                       : exact_real(column, "DOUBLE PRECISION", fmt::format("CAST({} AS DOUBLE PRECISION)", value));
        case Kind::real:
            return exact_real(column, "DOUBLE PRECISION", value);
        case Kind::decimal:
            return exact_decimal(column, value, target);
        case Kind::truth:
            // UNLOAD writes t and f, which are no JSON.
            return fmt::format("CASE WHEN {0} THEN 1 WHEN NOT {0} THEN 0 END", value);
        case Kind::date:
        case Kind::timestamp:
            return moment_in_years(column, value);
        case Kind::timestamp_tz:
            return moment_in_years(column, fmt::format("({} AT TIME ZONE 'UTC')", value));
        default:
            return opaque_as_text(column.kind, value);
    }
}

bool is_quoted(Kind kind) {
    return kind == Kind::text || kind == Kind::super || kind == Kind::varbyte || kind == Kind::time;
}

bool is_number(Kind kind) {
    return kind == Kind::whole || kind == Kind::truth;
}

/// @param text where the target takes no NULL it has to be text @param null what stands for NULL where it takes it
std::string with_null(const Column& column, const schema::Type& target, const std::string& text,
                      const std::string& null) {
    if (target.nullable()) {
        return null.empty() ? text : fmt::format("COALESCE({}, {})", text, null);
    }
    return fmt::format("CASE WHEN {0} IS NULL THEN {1} ELSE {2} END", identifier(column.name),
                       refusal(column, "a NULL, and its target takes none", text), text);
}

/// Text stands in quotes, also when it is empty, and NULL does not, so that one can't be taken for the other.
/// Redshift's own CSV has quotes only where something else asks for them.
std::string csv_field(const Column& column, const schema::Type& target) {
    std::string text = as_text(column, target);
    if (is_number(column.kind)) {
        text = fmt::format("CAST({} AS VARCHAR(64))", text);
    } else if (is_quoted(column.kind)) {
        text = fmt::format(
            "CASE WHEN OCTET_LENGTH({0}) <= {1} THEN '\"' || REPLACE({0}, '\"', '\"\"') || '\"' WHEN {0} IS NOT NULL "
            "THEN {2} END",
            text, longest_quoted,
            refusal(column, fmt::format("a text beyond {} bytes, so load NDJSON, or directly", longest_quoted), text));
    }
    // \N without a backslash in the statement.
    return with_null(column, target, text, "CHR(92) || 'N'");
}

/// Numbers are numbers in JSON, but NULL has to be refused as text.
std::string json_field(const Column& column, const schema::Type& target) {
    const std::string text = as_text(column, target);
    return with_null(column, target,
                     is_number(column.kind) && !target.nullable() ? fmt::format("CAST({} AS VARCHAR(64))", text) : text,
                     {});
}

std::string select(std::string_view query, const std::vector<std::string>& expressions) {
    return fmt::format("SELECT {}\nFROM (\n{}) AS unloaded", fmt::join(expressions, ", "), embeddable(query));
}

std::string named(const std::string& expression, std::string_view name) {
    return expression + " AS " + identifier(name);
}

}  // namespace

std::string not_by_bucket(const std::vector<Column>& columns, Format format) {
    if (format == Format::parquet) {
        return "Redshift writes Parquet with types of its own";
    }
    for (const Column& column : columns) {
        if (format == Format::csv && column.name.find_first_of(",\"\r\n") != std::string::npos) {
            return fmt::format("the name of column \"{}\" can't stand in a header line, for Redshift does not quote it",
                               column.name);
        }
    }
    const auto unknown =
        std::find_if(columns.begin(), columns.end(), [](const Column& column) { return column.kind == Kind::other; });
    return unknown == columns.end()
               ? std::string()
               : fmt::format("the kit can't have column \"{}\" of type {} written", unknown->name, unknown->type);
}

bool says_refused(std::string_view text) {
    constexpr std::array<std::string_view, 4> sayings{" has a number that ", " has a moment outside the years ",
                                                      " has a NULL, and its target takes none", " has a text beyond "};
    return std::any_of(sayings.begin(), sayings.end(),
                       [&](std::string_view one) { return text.find(one) != std::string_view::npos; });
}

std::string in_our_notation(std::string_view query, const std::vector<Column>& columns,
                            const std::vector<OutputColumn>& outputs, Format format) {
    std::vector<std::string> expressions;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const schema::Type& target = outputs.at(i).target.value();
        const std::string field =
            format == Format::csv ? csv_field(columns[i], target) : json_field(columns[i], target);
        expressions.push_back(named(field, outputs[i].name));
    }
    return select(query, expressions);
}

std::string readable(std::string_view query, const std::vector<Column>& columns) {
    std::vector<std::string> expressions;
    bool is_changed = false;
    for (const Column& column : columns) {
        if (column.is_read_here) {
            expressions.push_back(identifier(column.name));
            continue;
        }
        if (column.kind == Kind::other) {
            throw errors::InvalidArgument(
                fmt::format("column \"{}\" is of type {}, which can't be read", column.name, column.type),
                "Make text of it in the query, as in ST_AsText(geometry).");
        }
        is_changed = true;
        expressions.push_back(named(opaque_as_text(column.kind, identifier(column.name)), column.name));
    }
    return is_changed ? select(query, expressions) : embeddable(query);
}

std::string unload_statement(std::string_view query, Format format, std::string_view prefix, std::string_view iam_role,
                             std::string_view region) {
    // A header line, for without one columns would be matched by their position; it can't be cut from compressed
    // objects. The fields are quoted by the query, and UNLOAD adds nothing to them.
    const std::string_view how = format == Format::csv ? "DELIMITER ',' HEADER" : "FORMAT JSON GZIP";
    return fmt::format("UNLOAD ({})\nTO {}\nIAM_ROLE {}\n{} MAXFILESIZE {}{}", literal(query), literal(prefix),
                       iam_role == "default" ? std::string(iam_role) : literal(iam_role), how, largest_object,
                       region.empty() ? std::string() : " REGION " + literal(region));
}

}  // namespace tinybird_cdk::redshift
