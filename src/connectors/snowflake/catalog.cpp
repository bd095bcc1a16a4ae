// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "login.hpp"
#include "sql_text.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::snowflake {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string text) {
    for (char& c : text) {
        c = lower(c);
    }
    return text;
}

ScopeItem item_of(std::string name) {
    ScopeItem item;
    item.name = name;
    item.value = std::move(name);
    return item;
}

/// Nothing for NULL.
std::optional<std::uint64_t> number_of(const Value::Record& row, std::string_view field) {
    const std::string text = text_of(row, field);
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && !text.empty() ? std::optional(number) : std::nullopt;
}

bool says_yes(const Value::Record& row, std::string_view field) {
    const std::string text = lower(text_of(row, field));
    return text == "y" || text == "true";
}

constexpr const char* kept_in_capitals =
    "Check the names: those that were made without quotes are kept in capitals, as in \"KIT\".";

/// The rows of a statement that has names in it, in quotes. @throws as Session::rows()
ResultSet named_rows(Session& session, const std::string& sql, const std::stop_token& stop) {
    try {
        return session.rows(sql, stop);
    } catch (errors::ExternalDatasourceError& error) {
        if (code_in(error.what()) == does_not_exist) {
            error.add_hint(kept_in_capitals);
        }
        throw;
    }
}

}  // namespace

std::vector<ScopeItem> list_databases(Session& session, const std::stop_token& stop) {
    std::vector<ScopeItem> items;
    for (const Value::Record& row : session.rows("SHOW DATABASES", stop)) {
        items.push_back(item_of(text_of(row, "name")));
    }
    return items;
}

std::vector<ScopeItem> list_schemas(Session& session, const std::string& database, const std::stop_token& stop) {
    std::vector<ScopeItem> items;
    for (const Value::Record& row :
         named_rows(session, fmt::format("SHOW SCHEMAS IN DATABASE {}", identifier(database)), stop)) {
        std::string name = text_of(row, "name");
        if (lower(name) != "information_schema") {
            items.push_back(item_of(std::move(name)));
        }
    }
    return items;
}

std::vector<ScopeItem> list_tables(Session& session, const std::string& database, const std::string& schema,
                                   const std::stop_token& stop) {
    // It ends after so many (https://docs.snowflake.com/en/sql-reference/sql/show-objects), and needs no warehouse.
    constexpr std::size_t page = 10'000;
    const std::string sql = fmt::format("SHOW OBJECTS IN SCHEMA {}.{}", identifier(database), identifier(schema));
    std::vector<ScopeItem> items;
    std::string from;
    for (;;) {
        const ResultSet rows = named_rows(session, sql + from, stop);
        for (const Value::Record& row : rows) {
            ScopeItem item = item_of(text_of(row, "name"));
            item.kind = lower(text_of(row, "kind"));
            if (item.kind != "view") {
                item.rows = number_of(row, "rows");
                item.bytes = number_of(row, "bytes");
            }
            items.push_back(std::move(item));
        }
        if (rows.size() < page) {
            break;
        }
        from = fmt::format(" LIMIT {} FROM {}", page, literal(items.back().name));
    }
    std::sort(items.begin(), items.end(), [](const ScopeItem& a, const ScopeItem& b) { return a.name < b.name; });
    return items;
}

schema::Schema suggest_schema(Session& session, const std::string& database, const std::string& schema_name,
                              const std::string& table, const std::stop_token& stop) {
    schema::Schema schema;
    schema.scopes = {{"database", database}, {"schema", schema_name}, {"table", table}};
    schema.table = table;
    const ResultSet described =
        named_rows(session, fmt::format("DESCRIBE TABLE {}", path(database, schema_name, table)), stop);
    if (described.empty()) {
        throw errors::InvalidArgument(
            fmt::format("Snowflake describes no columns of {}", path(database, schema_name, table)), kept_in_capitals);
    }
    for (const Column& column : columns_of(described)) {
        Suggestion suggestion = suggest_type(column);
        schema.columns.push_back({.name = column.name,
                                  .source_type = column.type,
                                  .type = std::move(suggestion.type),
                                  .remark = std::move(suggestion.remark)});
        if (column.primary_key && !column.nullable) {
            schema.sorting_key.push_back(column.name);
        }
    }
    return schema;
}

std::string select_columns(const schema::Schema& schema, const std::vector<std::string>& columns) {
    std::vector<std::string> quoted;
    for (const std::string& column : columns) {
        quoted.push_back(identifier(column));
    }
    return fmt::format("SELECT {}\nFROM {}", fmt::join(quoted, ", "),
                       path(schema.scopes.at(0).second, schema.scopes.at(1).second, schema.table));
}

std::vector<Role> list_roles(Session& session, const std::stop_token& stop) {
    std::vector<Role> roles;
    for (const Value::Record& row : session.rows("SHOW ROLES", stop)) {
        roles.push_back({.name = text_of(row, "name"),
                         .is_default = says_yes(row, "is_default"),
                         .is_current = says_yes(row, "is_current")});
    }
    return roles;
}

std::vector<Warehouse> list_warehouses(Session& session, const std::stop_token& stop) {
    std::vector<Warehouse> warehouses;
    for (const Value::Record& row : session.rows("SHOW WAREHOUSES", stop)) {
        warehouses.push_back(
            {.name = text_of(row, "name"), .state = text_of(row, "state"), .size = text_of(row, "size")});
    }
    return warehouses;
}

std::vector<Integration> list_integrations(Session& session, const std::stop_token& stop) {
    std::vector<Integration> integrations;
    for (const Value::Record& row : session.rows("SHOW STORAGE INTEGRATIONS", stop)) {
        integrations.push_back({.name = text_of(row, "name"),
                                .type = text_of(row, "type"),
                                .enabled = says_yes(row, "enabled"),
                                .comment = text_of(row, "comment")});
    }
    return integrations;
}

}  // namespace tinybird_cdk::snowflake
