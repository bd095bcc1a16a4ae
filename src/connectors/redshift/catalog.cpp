// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cancel_on_stop.hpp"
#include "numbers.hpp"
#include "sql_text.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::redshift {

namespace {

/// All columns of the views are asked for as text: their types differ between kinds of clusters. NULL is "".
std::vector<std::vector<std::string>> texts(adbc::Connection& connection, const std::string& sql,
                                            const std::stop_token& stop) {
    std::vector<std::vector<std::string>> rows;
    for (const Value::Record& record : stoppable(connection, stop, [&] { return read_all(connection.query(sql)); })) {
        std::vector<std::string> row;
        for (const auto& [name, value] : record) {
            row.push_back(value.is_null() ? std::string() : value.to_text());
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<ScopeItem> names(adbc::Connection& connection, const std::string& sql, const std::stop_token& stop) {
    std::vector<ScopeItem> items;
    for (const auto& row : texts(connection, sql, stop)) {
        items.push_back({.name = row.at(0), .value = row.at(0), .kind = {}, .rows = {}, .bytes = {}});
    }
    return items;
}

struct Size {
    std::optional<std::uint64_t> rows;
    std::optional<std::uint64_t> bytes;
};

/// Who may list tables need not be allowed to read this view, and it leaves empty tables out.
std::map<std::string, Size, std::less<>> sizes_of(adbc::Connection& connection, const std::string& database,
                                                  const std::string& schema, const std::stop_token& stop) {
    constexpr std::uint64_t block = 1U << 20U;
    std::map<std::string, Size, std::less<>> sizes;
    try {
        for (const auto& row :
             texts(connection,
                   fmt::format("SELECT CAST(\"table\" AS VARCHAR(128)), CAST(CAST(tbl_rows AS BIGINT) AS "
                               "VARCHAR(20)), CAST(CAST(size AS BIGINT) AS VARCHAR(20)) FROM "
                               "svv_table_info WHERE \"database\" = {} AND \"schema\" = {}",
                               literal(database), literal(schema)),
                   stop)) {
            Size& size = sizes[row.at(0)];
            size.rows = number_in<std::uint64_t>(row.at(1));
            if (const auto blocks = number_in<std::uint64_t>(row.at(2))) {
                size.bytes = *blocks * block;
            }
        }
    } catch (const errors::ExternalDatasourceError& error) {
        logger::info(fmt::format("the sizes of the tables are not known: {}", error.what()));
    }
    return sizes;
}

std::string lower(std::string text) {
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

}  // namespace

std::vector<ScopeItem> list_databases(adbc::Connection& connection, const std::stop_token& stop) {
    return names(connection,
                 "SELECT CAST(database_name AS VARCHAR(128)) FROM svv_redshift_databases ORDER BY database_name", stop);
}

std::vector<ScopeItem> list_schemas(adbc::Connection& connection, const std::string& database,
                                    const std::stop_token& stop) {
    return names(connection,
                 fmt::format("SELECT CAST(schema_name AS VARCHAR(128)) FROM svv_all_schemas WHERE "
                             "database_name = {} AND schema_name NOT IN ('information_schema', "
                             "'pg_catalog', 'pg_internal', 'catalog_history') ORDER BY schema_name",
                             literal(database)),
                 stop);
}

std::vector<ScopeItem> list_tables(adbc::Connection& connection, const std::string& database, const std::string& schema,
                                   const std::stop_token& stop) {
    const auto sizes = sizes_of(connection, database, schema, stop);
    std::vector<ScopeItem> items;
    for (const auto& row :
         texts(connection,
               fmt::format(
                   "SELECT CAST(table_name AS VARCHAR(128)), CAST(table_type AS VARCHAR(128)) FROM svv_all_tables "
                   "WHERE database_name = {} AND schema_name = {} ORDER BY table_name",
                   literal(database), literal(schema)),
               stop)) {
        ScopeItem item{.name = row.at(0), .value = row.at(0), .kind = lower(row.at(1)), .rows = {}, .bytes = {}};
        if (const auto size = sizes.find(item.value); size != sizes.end()) {
            item.rows = size->second.rows;
            item.bytes = size->second.bytes;
        }
        items.push_back(std::move(item));
    }
    return items;
}

schema::Schema suggest_schema(adbc::Connection& connection, const Parents& scopes, const std::stop_token& stop) {
    const std::string& database = scopes.at("database");
    const std::string& schema_name = scopes.at("schema");
    schema::Schema suggested;
    suggested.table = scopes.at("table");
    suggested.scopes = {{"database", database}, {"schema", schema_name}, {"table", suggested.table}};
    for (const auto& row :
         texts(connection,
               fmt::format("SELECT CAST(column_name AS VARCHAR(128)), CAST(data_type AS VARCHAR(128)), "
                           "CAST(CAST(numeric_precision AS INTEGER) AS VARCHAR(10)), CAST(CAST(numeric_scale AS "
                           "INTEGER) AS VARCHAR(10)), CAST(is_nullable AS VARCHAR(10)) FROM svv_all_columns WHERE "
                           "database_name = {} AND schema_name = {} AND table_name = {} ORDER BY ordinal_position",
                           literal(database), literal(schema_name), literal(suggested.table)),
               stop)) {
        suggested.columns.push_back(suggest_column({.name = row.at(0),
                                                    .data_type = row.at(1),
                                                    .precision = number_in<int>(row.at(2)),
                                                    .scale = number_in<int>(row.at(3)).value_or(0),
                                                    .is_nullable = row.at(4) != "NO"}));
    }
    if (suggested.columns.empty()) {
        throw errors::InvalidArgument(fmt::format("there is no table {}.{}.{}, or this user may not see its columns",
                                                  database, schema_name, suggested.table));
    }
    return suggested;
}

std::string select_columns(const schema::Schema& schema, const std::vector<std::string>& columns) {
    std::vector<std::string> list;
    for (const std::string& column : columns) {
        list.push_back(identifier(column));
    }
    std::vector<std::string> path;
    for (const auto& [scope, name] : schema.scopes) {
        path.push_back(identifier(name));
    }
    return fmt::format("SELECT {}\nFROM {}", fmt::join(list, ", "), fmt::join(path, "."));
}

}  // namespace tinybird_cdk::redshift
