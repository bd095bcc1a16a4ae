// SPDX-License-Identifier: Apache-2.0
#include "cell.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/rest.hpp>

#include "moments.hpp"
#include "notation.hpp"

namespace tinybird_cdk::bigquery {

namespace {

[[noreturn]] void refuse(const Field& field, const std::string& value) {
    throw errors::ExternalDatasourceError(
        fmt::format("BigQuery: column \"{}\" is {}, and its value {} is not in the notation of that type", field.name,
                    type_text(field), value));
}

template <class Number>
Number number_of(const Field& field, const std::string& text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        refuse(field, text);
    }
    return number;
}

/// @param parsed by one of the functions of moments.hpp
template <class Parsed>
const Parsed& needed(const std::optional<Parsed>& parsed, const Field& field, const std::string& text) {
    if (!parsed) {
        refuse(field, text);
    }
    return *parsed;
}

void write_timestamp(RowWriter& writer, const Field& field, const std::string& text) {
    if (field.timestamp_precision > Field().timestamp_precision) {
        // As microseconds it would have lost digits.
        if (!is_iso_instant(text)) {
            refuse(field, text);
        }
        writer.text(text);
        return;
    }
    const Moment moment = needed(instant_of(text), field, text);
    writer.timestamp(moment.seconds, moment.nanoseconds, RowWriter::Zone::utc);
}

void write_datetime(RowWriter& writer, const Field& field, const std::string& text) {
    const Moment moment = needed(moment_of(text), field, text);
    writer.timestamp(moment.seconds, moment.nanoseconds, RowWriter::Zone::none);
}

void write_interval(RowWriter& writer, const Field& field, const std::string& text) {
    const Interval interval = needed(interval_of(text), field, text);
    writer.interval(interval.months, interval.days, interval.microseconds);
}

/// @return nothing for a side that is open
std::optional<std::string> bound_of(const Field& field, std::string_view bound, const std::string& range) {
    if (bound == "UNBOUNDED" || bound == "NULL") {
        return std::nullopt;
    }
    if (field.range_element == "DATE") {
        return date_bound(needed(days_of(bound), field, range));
    }
    const bool is_instant = field.range_element == "TIMESTAMP";
    return moment_bound(needed(is_instant ? instant_of(bound) : moment_of(bound), field, range), is_instant);
}

void write_range(RowWriter& writer, const Field& field, const std::string& text) {
    std::string_view rest = text;
    const std::size_t comma = rest.find(", ");
    if (!rest.starts_with('[') || !rest.ends_with(')') || comma == std::string_view::npos) {
        refuse(field, text);
    }
    writer.text(range_text(bound_of(field, rest.substr(1, comma - 1), text),
                           bound_of(field, rest.substr(comma + 2, rest.size() - comma - 3), text)));
}

/// All but records and arrays come as text.
void write_text(RowWriter& writer, const Field& field, const std::string& text) {
    const std::string& type = field.type;
    if (type == "INT64") {
        writer.int64(number_of<std::int64_t>(field, text));
    } else if (type == "FLOAT64") {
        writer.float64(number_of<double>(field, text));
    } else if (type == "BOOL") {
        if (text != "true" && text != "false") {
            refuse(field, text);
        }
        writer.boolean(text == "true");
    } else if (type == "NUMERIC" || type == "BIGNUMERIC") {
        writer.decimal(decimal_text(text));
    } else if (type == "TIMESTAMP") {
        write_timestamp(writer, field, text);
    } else if (type == "DATETIME") {
        write_datetime(writer, field, text);
    } else if (type == "DATE") {
        writer.date(needed(days_of(text), field, text));
    } else if (type == "TIME") {
        writer.time(needed(time_of(text), field, text));
    } else if (type == "INTERVAL") {
        write_interval(writer, field, text);
    } else if (type == "RANGE") {
        write_range(writer, field, text);
    } else if (type == "JSON") {
        writer.json(text);
    } else {
        // Bytes are base64 already.
        writer.text(text);
    }
}

void write_value(RowWriter& writer, const Field& field, const Value& value);

void write_record(RowWriter& writer, const Field& field, const Value& value) {  // NOLINT(misc-no-recursion)
    const Value* const list = rest::field_at(value, {"f"});
    const auto* const cells = list == nullptr ? nullptr : std::get_if<Value::List>(&list->variant());
    if (cells == nullptr || cells->size() != field.fields.size()) {
        refuse(field, value.to_json());
    }
    writer.begin_struct();
    for (std::size_t i = 0; i < cells->size(); ++i) {
        writer.field(field.fields[i].name);
        write_cell(writer, field.fields[i], (*cells)[i]);
    }
    writer.end_struct();
}

void write_value(RowWriter& writer, const Field& field, const Value& value) {  // NOLINT(misc-no-recursion)
    if (value.is_null()) {
        writer.null();
    } else if (field.type == "STRUCT") {
        write_record(writer, field, value);
    } else if (const auto* const text = std::get_if<std::string>(&value.variant())) {
        write_text(writer, field, *text);
    } else {
        refuse(field, value.to_json());
    }
}

}  // namespace

// As deep as the schema is: 15 levels at most.
void write_cell(RowWriter& writer, const Field& field, const Value& cell) {  // NOLINT(misc-no-recursion)
    static const Value nothing;
    const Value* const found = rest::field_at(cell, {"v"});
    const Value& value = found == nullptr ? nothing : *found;
    if (!field.repeated) {
        write_value(writer, field, value);
        return;
    }
    const auto* const list = std::get_if<Value::List>(&value.variant());
    if (list == nullptr && !value.is_null()) {
        refuse(field, value.to_json());
    }
    writer.begin_list();
    if (list != nullptr) {
        for (const Value& element : *list) {
            const Value* const inside = rest::field_at(element, {"v"});
            write_value(writer, field, inside == nullptr ? nothing : *inside);
        }
    }
    writer.end_list();
}

}  // namespace tinybird_cdk::bigquery
