// SPDX-License-Identifier: Apache-2.0
#include "column.hpp"

#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "cancel_on_stop.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::redshift {

namespace {

/// A value of Arrow's metadata: a count of pairs, then each key and value with its length before it, in the machine's
/// own order of bytes (https://arrow.apache.org/docs/format/CDataInterface.html#c.ArrowSchema.metadata).
std::string metadata_value(const char* metadata, std::string_view wanted) {
    if (metadata == nullptr) {
        return {};
    }
    const auto number = [&] {
        std::int32_t value = 0;
        std::memcpy(&value, metadata, sizeof value);
        metadata += sizeof value;
        return value;
    };
    const auto text = [&] {
        const auto size = static_cast<std::size_t>(number());
        const std::string_view value(metadata, size);
        metadata += size;
        return value;
    };
    for (std::int32_t left = number(); left > 0; --left) {
        const std::string_view key = text();
        const std::string_view value = text();
        if (key == wanted) {
            return std::string(value);
        }
    }
    return {};
}

/// By what the driver calls a type that Arrow has none for.
Kind kind_of_name(std::string_view type) {
    if (type == "numeric") {
        return Kind::decimal;
    }
    if (type == "timetz") {
        return Kind::time;
    }
    if (type == "super") {
        return Kind::super;
    }
    return type == "varbyte" ? Kind::varbyte : Kind::other;
}

/// https://arrow.apache.org/docs/format/CDataInterface.html#data-type-description-format-strings
Kind kind_of_format(std::string_view format) {
    if (format == "c" || format == "s" || format == "i" || format == "l") {
        return Kind::whole;
    }
    if (format == "f") {
        return Kind::single;
    }
    if (format == "g") {
        return Kind::real;
    }
    if (format == "b") {
        return Kind::truth;
    }
    if (format == "u") {
        return Kind::text;
    }
    if (format == "tdD") {
        return Kind::date;
    }
    if (format.starts_with("ts")) {
        return format.ends_with(':') ? Kind::timestamp : Kind::timestamp_tz;
    }
    return format.starts_with("tt") ? Kind::time : Kind::other;
}

std::uint64_t number_after(std::string_view text, std::string_view word) {
    const std::size_t at = text.find(word);
    std::uint64_t number = 0;
    if (at != std::string_view::npos) {
        text.remove_prefix(at + word.size());
        std::from_chars(text.data(), text.data() + text.size(), number);
    }
    return number;
}

}  // namespace

std::vector<Column> columns_of(const ArrowSchema& schema) {
    std::vector<Column> columns;
    for (std::int64_t i = 0; i < schema.n_children; ++i) {
        const ArrowSchema& child = *schema.children[i];
        Column column;
        column.name = child.name == nullptr ? "" : child.name;
        column.type = metadata_value(child.metadata, "ADBC:postgresql:typname");
        const bool is_named = !column.type.empty();
        column.kind = is_named ? kind_of_name(column.type) : kind_of_format(child.format);
        column.is_read_here = !is_named || column.kind == Kind::decimal;
        if (!is_named) {
            column.type = child.format;
            column.holds = suggest_type(child, true).type;
        }
        if (column.kind == Kind::time || column.kind == Kind::super || column.kind == Kind::varbyte) {
            column.holds = schema::String().with_nullable(true);
        } else if (column.kind == Kind::decimal || column.kind == Kind::other) {
            column.holds.reset();
        }
        columns.push_back(std::move(column));
    }
    return columns;
}

std::vector<Column> describe(adbc::Connection& connection, std::string_view query, const std::stop_token& stop) {
    const std::string described = fmt::format("SELECT * FROM (\n{}) AS described LIMIT 0", embeddable(query));
    return stoppable(connection, stop, [&] { return columns_of(*connection.query(described).schema()); });
}

/// "XN Seq Scan on t  (cost=0.00..1.00 rows=100 width=8)": the first line is the whole result's
/// (https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html).
std::optional<std::uint64_t> result_bytes(adbc::Connection& connection, std::string_view query,
                                          const std::stop_token& stop) {
    const ResultSet plan =
        stoppable(connection, stop, [&] { return read_all(connection.query("EXPLAIN " + embeddable(query))); });
    const std::string line = plan.empty() ? std::string() : plan.front().at(0).second.to_text();
    const std::uint64_t rows = number_after(line, "rows=");
    const std::uint64_t width = number_after(line, "width=");
    if (rows == 0 || width == 0) {
        return std::nullopt;
    }
    return rows > std::numeric_limits<std::uint64_t>::max() / width ? std::numeric_limits<std::uint64_t>::max()
                                                                    : rows * width;
}

}  // namespace tinybird_cdk::redshift
