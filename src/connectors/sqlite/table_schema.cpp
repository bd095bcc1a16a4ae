// SPDX-License-Identifier: Apache-2.0
#include "table_schema.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "catalog.hpp"
#include "column_profile.hpp"
#include "sql_text.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::sqlite {

namespace {

void see_value(ColumnProfile& profile, sqlite3_stmt& statement, int index) {
    switch (sqlite3_column_type(&statement, index)) {
        case SQLITE_INTEGER:
            return profile.see_integer(sqlite3_column_int64(&statement, index));
        case SQLITE_FLOAT:
            return profile.see_real();
        case SQLITE_TEXT: {
            const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(&statement, index));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(&statement, index));
            return profile.see_text(text == nullptr ? std::string_view() : std::string_view(text, size));
        }
        case SQLITE_BLOB:
            return profile.see_blob();
        default:
            return profile.see_null();
    }
}

std::string select_all(const Table& table) {
    std::vector<std::string> names;
    for (const DeclaredColumn& column : table.columns) {
        names.push_back(column.name);
    }
    return select_columns(table.name, names);
}

}  // namespace

std::vector<ColumnProfile> read_profiles(Database& database, std::string_view query) {
    const Statement statement = database.prepare(query);
    std::vector<ColumnProfile> profiles(static_cast<std::size_t>(sqlite3_column_count(statement.get())));
    while (database.step(*statement)) {
        for (std::size_t index = 0; index < profiles.size(); ++index) {
            see_value(profiles[index], *statement, static_cast<int>(index));
        }
    }
    return profiles;
}

schema::Schema suggest_schema(Database& database, std::string_view table_name) {
    const Database::Snapshot snapshot(database);
    const Table table = find_table(database, table_name);
    const std::vector<ColumnProfile> profiles = read_profiles(database, select_all(table));

    schema::Schema suggested;
    suggested.scopes = {{"table", table.name}};
    suggested.table = table.name;
    bool key_may_be_null = false;
    for (std::size_t index = 0; index < table.columns.size(); ++index) {
        const DeclaredColumn& declared = table.columns[index];
        Suggestion suggestion = suggest_type(declared, profiles[index]);
        // The sorting key of a data source takes no NULL, but a primary key of SQLite may.
        if (declared.in_key && suggestion.type.nullable()) {
            key_may_be_null = true;
            suggestion.remark += (suggestion.remark.empty() ? "" : "; ") +
                                 std::string("in the primary key but may be NULL: no sorting key is suggested");
        }
        schema::Column column;
        column.name = declared.name;
        column.source_type = declared.type;
        column.type = std::move(suggestion.type);
        column.remark = std::move(suggestion.remark);
        suggested.columns.push_back(std::move(column));
    }
    if (!key_may_be_null) {
        suggested.sorting_key = table.primary_key;
    }
    return suggested;
}

std::string select_columns(std::string_view table_name, const std::vector<std::string>& column_names) {
    // Behind the name of its table a name is that of a column and nothing else: alone, "x" in double quotes is the
    // text x where there is no such column (https://www.sqlite.org/quirks.html, section 8). AS, because SQLite
    // promises the name of a result column only then (https://www.sqlite.org/c3ref/column_name.html).
    const std::string table = quoted_identifier(table_name);
    std::string sql = "SELECT ";
    for (const std::string& name : column_names) {
        const std::string column = quoted_identifier(name);
        sql += (&name == &column_names.front() ? "" : ", ") + table + "." + column + " AS " + column;
    }
    return sql + " FROM " + table;
}

}  // namespace tinybird_cdk::sqlite
