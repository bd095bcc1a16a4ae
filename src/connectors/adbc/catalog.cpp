// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/record_batches.hpp>

namespace tinybird_cdk::any_adbc {

namespace {

using Depth = adbc::Connection::Depth;

/// Schemas of the system in databases that have INFORMATION_SCHEMA, and PostgreSQL's.
constexpr std::array<std::string_view, 3> system_schemas{"information_schema", "INFORMATION_SCHEMA", "pg_catalog"};

std::string name_of(const Value& value) {
    const std::string name = value.is_null() ? "" : value.to_text();
    return name.empty() ? unnamed : name;
}

std::optional<std::string> pattern_of(const std::string& name) {
    if (name == unnamed) {
        return std::nullopt;
    }
    // A pattern of LIKE; drivers don't agree on an escape, and what it finds too much is sorted out by the names.
    return name;
}

const Value::List& list_of(const Value& value) {
    static const Value::List nothing;
    const auto* const list = std::get_if<Value::List>(&value.variant());
    return list == nullptr ? nothing : *list;
}

std::vector<ScopeItem> items_of(std::vector<std::pair<std::string, std::string>> found) {
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    std::vector<ScopeItem> items;
    for (auto& [name, kind] : found) {
        ScopeItem item;
        item.name = item.value = name;
        std::transform(kind.begin(), kind.end(), kind.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        item.kind = kind;
        items.push_back(std::move(item));
    }
    return items;
}

std::optional<std::string> name_or_nothing(const std::string& name) {
    return name == unnamed ? std::nullopt : std::optional(name);
}

std::string quoted_identifier(std::string_view name) {
    std::string result = "\"";
    for (const char character : name) {
        result += character == '"' ? "\"\"" : std::string(1, character);
    }
    return result + "\"";
}

}  // namespace

std::vector<ScopeItem> list_catalogs(adbc::Connection& connection) {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& row : read_all(connection.objects(Depth::catalogs))) {
        found.emplace_back(name_of(row.at(0).second), "");
    }
    return items_of(std::move(found));
}

std::vector<ScopeItem> list_schemas(adbc::Connection& connection, const std::string& catalog) {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& row : read_all(connection.objects(Depth::schemas, pattern_of(catalog)))) {
        if (name_of(row.at(0).second) != catalog) {
            continue;
        }
        for (const Value& schema : list_of(row.at(1).second)) {
            std::string name = name_of(schema.at("db_schema_name"));
            if (std::find(system_schemas.begin(), system_schemas.end(), name) == system_schemas.end()) {
                found.emplace_back(std::move(name), "");
            }
        }
    }
    return items_of(std::move(found));
}

std::vector<ScopeItem> list_tables(adbc::Connection& connection, const std::string& catalog,
                                   const std::string& schema) {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& row : read_all(connection.objects(Depth::tables, pattern_of(catalog), pattern_of(schema)))) {
        if (name_of(row.at(0).second) != catalog) {
            continue;
        }
        for (const Value& one : list_of(row.at(1).second)) {
            if (name_of(one.at("db_schema_name")) != schema) {
                continue;
            }
            for (const Value& table : list_of(one.at("db_schema_tables"))) {
                found.emplace_back(table.at("table_name").to_text(), table.at("table_type").to_text());
            }
        }
    }
    return items_of(std::move(found));
}

schema::Schema suggest_schema(adbc::Connection& connection, const Parents& scopes) {
    const std::string& catalog = scopes.at("catalog");
    const std::string& schema_name = scopes.at("schema");
    schema::Schema suggested;
    suggested.table = scopes.at("table");
    suggested.scopes = {{"catalog", catalog}, {"schema", schema_name}, {"table", suggested.table}};
    const OwnedArrowSchema arrow =
        connection.table_schema(name_or_nothing(catalog), name_or_nothing(schema_name), suggested.table);
    if (arrow->n_children == 0) {
        throw errors::InvalidArgument("table \"" + suggested.table +
                                      "\" has no columns, or there is none of that name");
    }
    for (std::int64_t i = 0; i < arrow->n_children; ++i) {
        const ArrowSchema& child = *arrow->children[i];
        // Drivers mark every column as one that may be NULL, or none: a column that takes NULL is never wrong.
        SuggestedType type = suggest_type(child, true);
        schema::Column column;
        column.name = child.name == nullptr ? "" : child.name;
        column.source_type = child.format;
        column.type = std::move(type.type);
        column.remark = std::move(type.remark);
        suggested.columns.push_back(std::move(column));
    }
    return suggested;
}

std::string select_columns(const schema::Schema& schema, const std::vector<std::string>& columns) {
    std::string sql = "SELECT ";
    for (const std::string& column : columns) {
        sql += (&column == &columns.front() ? "" : ", ") + quoted_identifier(column);
    }
    sql += " FROM ";
    for (const auto& [scope, name] : schema.scopes) {
        // The connection is to one catalog, and not every database takes its name in a query.
        if (scope == "schema" && name != unnamed) {
            sql += quoted_identifier(name) + ".";
        }
    }
    return sql + quoted_identifier(schema.table);
}

}  // namespace tinybird_cdk::any_adbc
