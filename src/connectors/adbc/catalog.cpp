// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
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

/// A count, whichever number it comes as; databases that don't know have negative ones.
std::optional<std::uint64_t> number_of(const Value& value) {
    if (const auto* const whole = std::get_if<std::int64_t>(&value.variant())) {
        return *whole < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(*whole));
    }
    if (const auto* const natural = std::get_if<std::uint64_t>(&value.variant())) {
        return *natural;
    }
    constexpr double beyond = 18446744073709551616.0;
    const auto* const real = std::get_if<double>(&value.variant());
    return real != nullptr && *real >= 0 && *real < beyond ? std::optional(static_cast<std::uint64_t>(*real))
                                                           : std::nullopt;
}

/// What the catalog says of a table's columns; nothing where the driver does not tell.
struct Described {
    std::map<std::string, bool, std::less<>> may_be_null;
    std::vector<std::string> primary_key;

    [[nodiscard]] bool never_null(std::string_view column) const {
        const auto told = may_be_null.find(column);
        if (told != may_be_null.end()) {
            return !told->second;
        }
        return std::find(primary_key.begin(), primary_key.end(), column) != primary_key.end();
    }
};

/// As ODBC and JDBC have it: 0 is "no", 1 "yes", 2 "unknown"; the text beside it is "YES" or "NO".
std::optional<bool> may_be_null(const Value& column) {
    const std::string number = column.at("xdbc_nullable").to_text();
    const std::string text = column.at("xdbc_is_nullable").to_text();
    if (number == "1" || text == "YES") {
        return true;
    }
    if (number == "0" || text == "NO") {
        return false;
    }
    return std::nullopt;
}

void describe_table(const Value& table, Described& described) {
    for (const Value& column : list_of(table.at("table_columns"))) {
        if (const auto answer = may_be_null(column)) {
            described.may_be_null[column.at("column_name").to_text()] = *answer;
        }
    }
    for (const Value& constraint : list_of(table.at("table_constraints"))) {
        if (constraint.at("constraint_type").to_text() == "PRIMARY KEY") {
            for (const Value& name : list_of(constraint.at("constraint_column_names"))) {
                described.primary_key.push_back(name.to_text());
            }
        }
    }
}

Described describe(adbc::Connection& connection, const std::string& catalog, const std::string& schema,
                   const std::string& table) {
    Described described;
    ResultSet found;
    try {
        found =
            read_all(connection.objects(Depth::columns, pattern_of(catalog), pattern_of(schema), std::optional(table)));
    } catch (const errors::ExternalDatasourceError& error) {
        // Not every driver can; then any column may be NULL.
        logger::debug(std::string("the driver does not describe the columns of the table: ") + error.what());
        return described;
    }
    for (const auto& row : found) {
        for (const Value& one : list_of(row.at(1).second)) {
            for (const Value& candidate : list_of(one.at("db_schema_tables"))) {
                if (name_of(row.at(0).second) == catalog && name_of(one.at("db_schema_name")) == schema &&
                    candidate.at("table_name").to_text() == table) {
                    describe_table(candidate, described);
                }
            }
        }
    }
    return described;
}

/// Rows of the tables of a schema, as the database's statistics have it; nothing where the driver has none.
std::map<std::string, std::uint64_t> counted_rows(adbc::Connection& connection, const std::string& catalog,
                                                  const std::string& schema) {
    constexpr const char* row_count = "6";  // ADBC_STATISTIC_ROW_COUNT_KEY
    std::map<std::string, std::uint64_t> counts;
    try {
        for (const auto& row : read_all(connection.statistics(pattern_of(catalog), pattern_of(schema)))) {
            for (const Value& one : list_of(row.at(1).second)) {
                for (const Value& statistic : list_of(one.at("db_schema_statistics"))) {
                    const bool is_meant =
                        name_of(row.at(0).second) == catalog && name_of(one.at("db_schema_name")) == schema &&
                        statistic.at("column_name").is_null() && statistic.at("statistic_key").to_text() == row_count;
                    const auto count = is_meant ? number_of(statistic.at("statistic_value")) : std::nullopt;
                    if (count) {
                        counts[statistic.at("table_name").to_text()] = *count;
                    }
                }
            }
        }
    } catch (const errors::ExternalDatasourceError& error) {
        logger::debug(std::string("the driver has no statistics: ") + error.what());
    }
    return counts;
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
    std::vector<ScopeItem> items = items_of(std::move(found));
    const auto counts = counted_rows(connection, catalog, schema);
    for (ScopeItem& item : items) {
        if (const auto count = counts.find(item.value); count != counts.end()) {
            item.rows = count->second;
        }
    }
    return items;
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
    const Described described = describe(connection, catalog, schema_name, suggested.table);
    suggested.sorting_key = described.primary_key;
    for (std::int64_t i = 0; i < arrow->n_children; ++i) {
        const ArrowSchema& child = *arrow->children[i];
        schema::Column column;
        column.name = child.name == nullptr ? "" : child.name;
        // In the Arrow schema, drivers mark every column as one that may be NULL, or none.
        SuggestedType type = suggest_type(child, !described.never_null(column.name));
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
