// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include <tinybird_cdk/errors.hpp>

#include "query_rows.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::sqlite {

namespace {

/// What a user may read. `sqlite_` is reserved for SQLite itself (https://www.sqlite.org/fileformat2.html, "the
/// sqlite_schema table"); `^` keeps the underscore from being a wildcard.
constexpr std::string_view visible_tables =
    "FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite^_%' ESCAPE '^'";

const std::string& text_at(const Value::Record& row, std::size_t index) {
    return std::get<std::string>(row.at(index).second.variant());
}

std::int64_t integer_at(const Value::Record& row, std::size_t index) {
    return std::get<std::int64_t>(row.at(index).second.variant());
}

/// The first number of `stat` is the number of rows of the table, for each of its indexes and for the table itself
/// (https://www.sqlite.org/fileformat2.html, "the sqlite_stat1 table").
std::optional<std::uint64_t> rows_of_stat(std::string_view stat) {
    std::uint64_t rows = 0;
    const auto result = std::from_chars(stat.data(), stat.data() + stat.size(), rows);
    return result.ec == std::errc() ? std::optional(rows) : std::nullopt;
}

std::vector<std::pair<std::string, std::uint64_t>> analyzed_rows(Database& database) {
    std::vector<std::pair<std::string, std::uint64_t>> found;
    const std::string catalog = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'";
    if (integer_at(read_all(database, catalog).front(), 0) == 0) {
        return found;
    }
    // The statistics of a partial index count its own rows only: the largest number is that of the table.
    for (const auto& row : read_all(database, "SELECT tbl, CAST(stat AS TEXT) FROM sqlite_stat1 WHERE stat NOTNULL")) {
        if (const auto rows = rows_of_stat(text_at(row, 1))) {
            const auto known = std::find_if(found.begin(), found.end(),
                                            [&](const auto& entry) { return entry.first == text_at(row, 0); });
            if (known == found.end()) {
                found.emplace_back(text_at(row, 0), *rows);
            } else {
                known->second = std::max(known->second, *rows);
            }
        }
    }
    return found;
}

}  // namespace

std::vector<ScopeItem> list_tables(Database& database) {
    const Database::Snapshot snapshot(database);
    const auto rows_of_tables = analyzed_rows(database);
    std::vector<ScopeItem> items;
    for (const auto& row :
         read_all(database, "SELECT name, type " + std::string(visible_tables) + " ORDER BY name COLLATE BINARY")) {
        ScopeItem item;
        item.name = item.value = text_at(row, 0);
        item.kind = text_at(row, 1) == "virtual" ? "virtual table" : text_at(row, 1);
        const auto counted = std::find_if(rows_of_tables.begin(), rows_of_tables.end(),
                                          [&](const auto& entry) { return entry.first == item.name; });
        if (counted != rows_of_tables.end()) {
            item.rows = counted->second;
        }
        items.push_back(std::move(item));
    }
    return items;
}

Table find_table(Database& database, std::string_view name) {
    const ResultSet tables = read_all(database, "SELECT name " + std::string(visible_tables) +
                                                    " AND name = " + quoted_text(name) + " COLLATE NOCASE");
    if (tables.empty()) {
        throw errors::InvalidArgument("SQLite database \"" + database.shown_path() + "\" has no table or view \"" +
                                      std::string(name) + "\"");
    }
    Table table;
    table.name = text_at(tables.front(), 0);
    const std::string quoted_name = quoted_text(table.name);

    // A primary key may be NULL in an ordinary table, unless it is an alias of the number of the row: that is the one
    // kind that has no index (https://www.sqlite.org/lang_createtable.html, "The PRIMARY KEY" and "ROWIDs and the
    // INTEGER PRIMARY KEY").
    const bool key_has_index =
        integer_at(read_all(database, "SELECT count(*) FROM pragma_index_list(" + quoted_name + ") WHERE origin = 'pk'")
                       .front(),
                   0) > 0;

    // hidden: 1 is a hidden column of a virtual table, which `SELECT *` does not give; 2 and 3 are generated columns.
    const ResultSet columns = read_all(database, "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(" +
                                                     quoted_name + ") WHERE hidden <> 1 ORDER BY cid");
    std::vector<std::pair<std::int64_t, std::string>> key;
    for (const auto& row : columns) {
        const std::int64_t key_position = integer_at(row, 3);
        const bool is_row_number = key_position > 0 && !key_has_index;
        table.columns.push_back(
            {text_at(row, 0), text_at(row, 1), integer_at(row, 2) != 0 || is_row_number, key_position > 0});
        if (key_position > 0) {
            key.emplace_back(key_position, text_at(row, 0));
        }
    }
    std::sort(key.begin(), key.end());
    for (auto& [position, column] : key) {
        table.primary_key.push_back(std::move(column));
    }
    return table;
}

}  // namespace tinybird_cdk::sqlite
