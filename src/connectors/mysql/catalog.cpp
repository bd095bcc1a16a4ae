// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "sql_text.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::mysql {

namespace {

constexpr const char* databases_sql =
    "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA "
    "WHERE SCHEMA_NAME NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys') ORDER BY SCHEMA_NAME";

/// Names are compared without case there, but on most systems "t" and "T" are two tables: what is BINARY is compared
/// byte by byte, and the other comparison is what the server looks up by.
std::string named(std::string_view column, const std::string& name) {
    const std::string literal = quoted_literal(name);
    return fmt::format("{0} = {1} AND BINARY {0} = BINARY {1}", column, literal);
}

std::string text(const TextRow& row, std::size_t column) {
    return row.at(column).value_or("");
}

template <class Number>
std::optional<Number> number(const TextRow& row, std::size_t column) {
    const auto& digits = row.at(column);
    Number value{};
    if (!digits || std::from_chars(digits->data(), digits->data() + digits->size(), value).ec != std::errc()) {
        return std::nullopt;
    }
    return value;
}

/// "BASE TABLE" and "SYSTEM VERSIONED" are tables to those who read them.
std::string kind_of(std::string type) {
    if (type == "BASE TABLE" || type == "SYSTEM VERSIONED") {
        return "table";
    }
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return type;
}

void refuse_unknown_database(Connection& connection, const std::string& database) {
    if (connection.run("SELECT 1 FROM information_schema.SCHEMATA WHERE " + named("SCHEMA_NAME", database)).empty()) {
        throw errors::InvalidArgument(fmt::format("there is no database \"{}\"", database),
                                      "`tb-cdk scopes -c mysql` lists what there is.");
    }
}

schema::Column column_of(const TextRow& row, bool is_view) {
    const SourceType source{.data_type = text(row, 1),
                            .column_type = text(row, 2),
                            .precision = number<int>(row, 4).value_or(number<int>(row, 6).value_or(0)),
                            .scale = number<int>(row, 5).value_or(0)};
    const TargetType target = target_of(source);
    schema::Column column;
    column.name = text(row, 0);
    column.source_type = source.column_type;
    // A view keeps no promise: what it selects may come from an outer join.
    column.type = target.type.with_nullable(is_view || text(row, 3) != "NO");
    column.remark = target.remark;
    return column;
}

}  // namespace

std::vector<ScopeItem> list_databases(Connection& connection) {
    std::vector<ScopeItem> items;
    for (const TextRow& row : connection.run(databases_sql)) {
        items.push_back({text(row, 0), text(row, 0), {}, {}, {}});
    }
    return items;
}

std::vector<ScopeItem> list_tables(Connection& connection, const std::string& database) {
    const std::vector<TextRow> rows =
        connection.run("SELECT TABLE_NAME, TABLE_TYPE, TABLE_ROWS, DATA_LENGTH FROM information_schema.TABLES WHERE " +
                       named("TABLE_SCHEMA", database) + " ORDER BY TABLE_NAME");
    if (rows.empty()) {
        refuse_unknown_database(connection, database);
    }
    std::vector<ScopeItem> items;
    for (const TextRow& row : rows) {
        const std::string kind = kind_of(text(row, 1));
        ScopeItem item{text(row, 0), text(row, 0), kind, {}, {}};
        if (kind == "table") {
            item.rows = number<std::uint64_t>(row, 2);
            item.bytes = number<std::uint64_t>(row, 3);
        }
        items.push_back(std::move(item));
    }
    return items;
}

schema::Schema table_schema(Connection& connection, const std::string& database, const std::string& table) {
    const std::string where = " WHERE " + named("TABLE_SCHEMA", database) + " AND " + named("TABLE_NAME", table);
    const std::vector<TextRow> rows = connection.run(
        "SELECT COLUMN_NAME, LOWER(DATA_TYPE), COLUMN_TYPE, IS_NULLABLE, NUMERIC_PRECISION, NUMERIC_SCALE, "
        "DATETIME_PRECISION FROM information_schema.COLUMNS" +
        where + " ORDER BY ORDINAL_POSITION");
    if (rows.empty()) {
        throw errors::InvalidArgument(
            fmt::format("there is no table \"{}\" in database \"{}\"", table, database),
            fmt::format("`tb-cdk scopes -c mysql --parent database={}` lists what there is.", database));
    }
    const std::vector<TextRow> kind = connection.run("SELECT TABLE_TYPE FROM information_schema.TABLES" + where);
    const bool is_view = kind.empty() || kind_of(text(kind.front(), 0)) != "table";
    schema::Schema result;
    result.scopes = {{"database", database}, {"table", table}};
    result.table = table;
    for (const TextRow& row : rows) {
        result.columns.push_back(column_of(row, is_view));
    }
    for (const TextRow& row : connection.run("SELECT COLUMN_NAME FROM information_schema.STATISTICS" + where +
                                             " AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX")) {
        result.sorting_key.push_back(text(row, 0));
    }
    return result;
}

}  // namespace tinybird_cdk::mysql
