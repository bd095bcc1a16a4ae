// SPDX-License-Identifier: Apache-2.0
#include "framework/engine_suggestion.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "core/schema_names.hpp"

namespace tinybird_cdk::framework {

namespace {

using schema::Kind;

void add_remark(schema::Column& column, std::string_view remark) {
    column.remark += column.remark.empty() ? "" : "; ";
    column.remark += remark;
}

/// A name that a `.datasource` file can't have would be another one in the expression.
bool can_partition(const schema::Column& column) {
    switch (column.type.kind()) {
        case Kind::date:
        case Kind::date32:
        case Kind::datetime:
        case Kind::datetime64:
            return !column.type.nullable() && core::datafile_name(column.name).usual == column.name;
        default:
            return false;
    }
}

/// ClickHouse sorts by neither NULL nor what has no order.
bool is_sortable(const schema::Type& type) {
    return !type.nullable() && type.kind() != Kind::json && type.kind() != Kind::map && type.kind() != Kind::other;
}

}  // namespace

void refuse_bad_sorting_key(schema::Schema& schema) {
    for (const std::string& name : schema.sorting_key) {
        const auto column = std::find_if(schema.columns.begin(), schema.columns.end(),
                                         [&](const schema::Column& c) { return c.name == name; });
        if (column != schema.columns.end() && !is_sortable(column->type)) {
            add_remark(*column,
                       fmt::format("in the primary key, but {} can't be sorted by: no sorting key is suggested",
                                   column->type.to_string()));
            schema.sorting_key.clear();
            return;
        }
    }
}

const schema::Column* partition_column(const schema::Schema& schema) {
    const schema::Column* found = nullptr;
    for (const schema::Column& column : schema.columns) {
        const bool in_key =
            std::find(schema.sorting_key.begin(), schema.sorting_key.end(), column.name) != schema.sorting_key.end();
        if (can_partition(column) && in_key) {
            return &column;
        }
        if (can_partition(column) && found == nullptr) {
            found = &column;
        }
    }
    return found;
}

bool is_large(const ScopeItem& table) {
    constexpr std::uint64_t many_rows = 100'000'000;
    constexpr std::uint64_t many_bytes = std::uint64_t{10} << 30U;
    return table.rows.value_or(0) >= many_rows || table.bytes.value_or(0) >= many_bytes;
}

void partition_by_month(schema::Schema& schema, const schema::Column& column) {
    for (schema::Column& candidate : schema.columns) {
        if (&candidate == &column) {
            schema.partition_key = fmt::format(
                "toYYYYMM({})", core::is_identifier(column.name) ? column.name : core::escaped(column.name, '`'));
            add_remark(candidate, "the table is large: partitioned by the month of this column");
            return;
        }
    }
}

}  // namespace tinybird_cdk::framework
