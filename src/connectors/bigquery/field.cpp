// SPDX-License-Identifier: Apache-2.0
#include "field.hpp"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/rest.hpp>

namespace tinybird_cdk::bigquery {

namespace {

/// The API's older names (https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableFieldSchema, type).
std::string in_sql(std::string type) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> older{{{"INTEGER", "INT64"},
                                                                                  {"FLOAT", "FLOAT64"},
                                                                                  {"BOOLEAN", "BOOL"},
                                                                                  {"RECORD", "STRUCT"},
                                                                                  {"DECIMAL", "NUMERIC"},
                                                                                  {"BIGDECIMAL", "BIGNUMERIC"},
                                                                                  {"CHARACTER", "STRING"}}};
    for (const auto& [old, now] : older) {
        if (type == old) {
            return std::string(now);
        }
    }
    return type;
}

/// The API writes 64-bit numbers as text. Nothing: it is not said.
std::optional<int> number_at(const Value& field, std::string_view name) {
    const std::string text = rest::text_at(field, {name});
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(number)
                                                                                     : std::nullopt;
}

Field field_of(const Value& value) {
    Field field;
    field.name = rest::text_at(value, {"name"});
    field.type = in_sql(rest::text_at(value, {"type"}));
    if (field.type.empty()) {
        throw errors::ExternalDatasourceError("BigQuery describes a column without a type: " + value.to_json());
    }
    const std::string mode = rest::text_at(value, {"mode"});
    field.repeated = mode == "REPEATED";
    field.required = mode == "REQUIRED";
    if (const auto precision = number_at(value, "precision"); precision && *precision > 0) {
        field.precision = precision;
        field.scale = number_at(value, "scale").value_or(0);
    }
    if (const auto length = number_at(value, "maxLength"); length && *length > 0) {
        field.max_length = length;
    }
    field.timestamp_precision = number_at(value, "timestampPrecision").value_or(field.timestamp_precision);
    field.range_element = rest::text_at(value, {"rangeElementType", "type"});
    if (field.type == "STRUCT") {
        field.fields = fields_of(value);
    }
    return field;
}

std::string scalar_text(const Field& field) {
    if (field.type == "STRUCT") {
        std::vector<std::string> members;
        for (const Field& member : field.fields) {
            members.push_back(member.name.empty() ? type_text(member) : member.name + " " + type_text(member));
        }
        return fmt::format("STRUCT<{}>", fmt::join(members, ", "));
    }
    if (field.type == "RANGE") {
        return fmt::format("RANGE<{}>", field.range_element);
    }
    if (field.precision) {
        return field.scale == 0 ? fmt::format("{}({})", field.type, *field.precision)
                                : fmt::format("{}({}, {})", field.type, *field.precision, field.scale);
    }
    if (field.max_length) {
        return fmt::format("{}({})", field.type, *field.max_length);
    }
    if (field.type == "TIMESTAMP" && field.timestamp_precision != Field().timestamp_precision) {
        return fmt::format("TIMESTAMP({})", field.timestamp_precision);
    }
    return field.type;
}

}  // namespace

// A record may have records in it, 15 levels at most (https://cloud.google.com/bigquery/quotas#standard_tables).
std::vector<Field> fields_of(const Value& schema) {  // NOLINT(misc-no-recursion)
    const Value* const list = rest::field_at(schema, {"fields"});
    const auto* const values = list == nullptr ? nullptr : std::get_if<Value::List>(&list->variant());
    if (values == nullptr) {
        throw errors::ExternalDatasourceError("BigQuery gives a schema without fields");
    }
    std::vector<Field> fields;
    for (const Value& value : *values) {
        fields.push_back(field_of(value));
    }
    return fields;
}

std::string type_text(const Field& field) {  // NOLINT(misc-no-recursion)
    return field.repeated ? fmt::format("ARRAY<{}>", scalar_text(field)) : scalar_text(field);
}

}  // namespace tinybird_cdk::bigquery
