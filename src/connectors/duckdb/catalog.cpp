// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include <map>
#include <utility>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/record_batches.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::duckdb {

namespace {

std::string text_at(const Value::Record& row, std::size_t index) {
    return row.at(index).second.to_text();
}

bool is_true(const Value& value) {
    const bool* const truth = std::get_if<bool>(&value.variant());
    return truth != nullptr && *truth;
}

/// A table as it is called, whatever the case of its letters: DuckDB's identifiers don't know case.
std::string where_table(const std::string& schema, const std::string& table) {
    return " WHERE database_name = current_database() AND lower(schema_name) = lower(" + quoted_text(schema) +
           ") AND lower(table_name) = lower(" + quoted_text(table) + ")";
}

std::vector<std::string> primary_key(adbc::Connection& connection, const std::string& where) {
    std::vector<std::string> names;
    for (const auto& row :
         read_all(connection.query("SELECT unnest(constraint_column_names) FROM duckdb_constraints()" + where +
                                   " AND constraint_type = 'PRIMARY KEY'"))) {
        names.push_back(text_at(row, 0));
    }
    return names;
}

}  // namespace

std::vector<ScopeItem> list_schemas(adbc::Connection& connection) {
    std::vector<ScopeItem> items;
    for (const auto& row : read_all(connection.query(
             "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() AND schema_name NOT IN "
             "('information_schema', 'pg_catalog') ORDER BY schema_name"))) {
        ScopeItem item;
        item.name = item.value = text_at(row, 0);
        items.push_back(std::move(item));
    }
    return items;
}

std::vector<ScopeItem> list_tables(adbc::Connection& connection, const std::string& schema) {
    const std::string where =
        " WHERE database_name = current_database() AND NOT internal AND lower(schema_name) = lower(" +
        quoted_text(schema) + ")";
    std::vector<ScopeItem> items;
    for (const auto& row : read_all(connection.query(
             "SELECT table_name, 'table' AS kind, estimated_size FROM duckdb_tables()" + where +
             " UNION ALL SELECT view_name, 'view', NULL FROM duckdb_views()" + where + " ORDER BY 1"))) {
        ScopeItem item;
        item.name = item.value = text_at(row, 0);
        item.kind = text_at(row, 1);
        if (const auto* rows = std::get_if<std::int64_t>(&row.at(2).second.variant()); rows != nullptr && *rows >= 0) {
            item.rows = static_cast<std::uint64_t>(*rows);
        }
        items.push_back(std::move(item));
    }
    return items;
}

schema::Schema suggest_schema(adbc::Connection& connection, const std::string& schema, const std::string& table) {
    const std::string where = where_table(schema, table);
    const ResultSet columns =
        read_all(connection.query("SELECT column_name, data_type, is_nullable, schema_name, table_name "
                                  "FROM duckdb_columns()" +
                                  where + " ORDER BY column_index"));
    if (columns.empty()) {
        throw errors::InvalidArgument("the DuckDB database has no table or view \"" + schema + "\".\"" + table + "\"");
    }
    schema::Schema suggested;
    const std::string schema_name = text_at(columns.front(), 3);
    suggested.table = text_at(columns.front(), 4);
    suggested.scopes = {{"schema", schema_name}, {"table", suggested.table}};
    suggested.sorting_key = primary_key(connection, where);
    std::vector<std::string> names;
    for (const auto& column : columns) {
        names.push_back(text_at(column, 0));
    }
    // Arrow says what each value comes as, to the bottom of nested types; the catalog says what may be NULL.
    ArrowStream none = connection.query(select_columns(schema_name, suggested.table, names) + " LIMIT 0");
    const OwnedArrowSchema arrow = none.schema();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        SuggestedType type = suggest_type(*arrow->children[i], is_true(columns[i].at(2).second));
        schema::Column column;
        column.name = names[i];
        column.source_type = text_at(columns[i], 1);
        column.type = std::move(type.type);
        column.remark = std::move(type.remark);
        suggested.columns.push_back(std::move(column));
    }
    return suggested;
}

}  // namespace tinybird_cdk::duckdb
