// SPDX-License-Identifier: Apache-2.0
#include "local/storage.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

std::uint64_t number_of(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string column_definition(const schema::Column& column) {
    std::string text = fmt::format("{} {}", identifier(column.name), column.type.to_string());
    if (!column.default_expr.empty()) {
        text += " DEFAULT " + column.default_expr;
    }
    return text;
}

std::string engine_definition(const DataSource& source) {
    std::string engine = source.engine.empty() ? "MergeTree" : source.engine;
    // A data source of the Null engine keeps nothing; there is nothing to order.
    if (core::equal_ignoring_case(engine, "Null")) {
        return "Null";
    }
    if (engine.find('(') == std::string::npos) {
        engine += "()";
    }
    if (!source.partition_key.empty()) {
        engine += fmt::format(" PARTITION BY ({})", source.partition_key);
    }
    return fmt::format("{} ORDER BY {} SETTINGS allow_nullable_key = 1", engine,
                       source.sorting_key.empty() || source.sorting_key == "tuple()"
                           ? std::string("tuple()")
                           : fmt::format("({})", source.sorting_key));
}

}  // namespace

std::string table_of(const std::string& name) {
    return fmt::format("{}.{}", workspace_database, identifier(name));
}

std::string quarantine_of(const std::string& name) {
    return table_of(name + "_quarantine");
}

void Storage::remove_strays() {
    const std::string names =
        engine_.run(fmt::format("SELECT name FROM system.tables WHERE database = '{}'", workspace_database));
    for (const std::string_view name : core::split(core::trim(names), '\n')) {
        std::string owner(name);
        if (owner.ends_with("_quarantine") && !catalog_.find(owner)) {
            owner.resize(owner.size() - std::string_view("_quarantine").size());
        }
        if (!owner.empty() && !catalog_.find(owner)) {
            engine_.run(fmt::format("DROP TABLE {} SYNC", table_of(std::string(name))));
        }
    }
}

void Storage::create(DataSource source) {
    std::vector<std::string> columns;
    std::vector<std::string> raw_columns;
    for (const schema::Column& column : source.columns) {
        columns.push_back(column_definition(column));
        raw_columns.push_back(fmt::format("{} Nullable(String)", identifier(column.name)));
    }
    engine_.run(fmt::format("CREATE TABLE {} ({}) ENGINE = {}", table_of(source.name), fmt::join(columns, ", "),
                            engine_definition(source)));
    engine_.run(
        fmt::format("CREATE TABLE IF NOT EXISTS {} ({}, c__error_column Array(String), c__error Array(String), "
                    "c__import_id Nullable(String), insertion_date DateTime) ENGINE = MergeTree ORDER BY "
                    "insertion_date",
                    quarantine_of(source.name), fmt::join(raw_columns, ", ")));
    catalog_.put(std::move(source));
}

void Storage::drop(const DataSource& source) {
    catalog_.remove(source.name);
    engine_.run(fmt::format("DROP TABLE IF EXISTS {} SYNC", table_of(source.name)));
    engine_.run(fmt::format("DROP TABLE IF EXISTS {} SYNC", quarantine_of(source.name)));
}

void Storage::truncate(const DataSource& source) {
    engine_.run(fmt::format("TRUNCATE TABLE {}", table_of(source.name)));
}

std::uint64_t Storage::delete_rows(const DataSource& source, const std::string& condition) {
    const std::string table = table_of(source.name);
    const std::uint64_t count =
        number_of(engine_.run(fmt::format("SELECT count() FROM {} WHERE {}", table, condition)));
    if (count > 0) {
        engine_.run(fmt::format("ALTER TABLE {} DELETE WHERE {} SETTINGS mutations_sync = 2", table, condition));
    }
    return count;
}

void Storage::alter(const DataSource& source, const std::vector<schema::Column>& columns) {
    if (columns.size() < source.columns.size() ||
        !std::equal(source.columns.begin(), source.columns.end(), columns.begin(),
                    [](const auto& old, const auto& now) { return old.name == now.name && old.type == now.type; })) {
        throw errors::InvalidArgument("only new columns behind the last one can be added");
    }
    DataSource changed = source;
    std::vector<std::string> additions;
    std::vector<std::string> raw_additions;
    for (std::size_t i = source.columns.size(); i < columns.size(); ++i) {
        additions.push_back("ADD COLUMN " + column_definition(columns[i]));
        // The quarantine's own columns stay behind those of the data source.
        raw_additions.push_back(fmt::format("ADD COLUMN IF NOT EXISTS {} Nullable(String) AFTER {}",
                                            identifier(columns[i].name), identifier(columns[i - 1].name)));
        changed.columns.push_back(columns[i]);
    }
    if (additions.empty()) {
        return;
    }
    // The quarantine first: a column too many there does no harm if the engine refuses the others.
    engine_.run(fmt::format("ALTER TABLE {} {}", quarantine_of(source.name), fmt::join(raw_additions, ", ")));
    engine_.run(fmt::format("ALTER TABLE {} {}", table_of(source.name), fmt::join(additions, ", ")));
    changed.updated_at = timestamp_now();
    catalog_.put(std::move(changed));
}

void Storage::rename(const DataSource& source, const std::string& name) {
    DataSource renamed = source;
    renamed.name = name;
    renamed.updated_at = timestamp_now();
    engine_.run(fmt::format("RENAME TABLE {} TO {}, {} TO {}", table_of(source.name), table_of(name),
                            quarantine_of(source.name), quarantine_of(name)));
    catalog_.remove(source.name);
    catalog_.put(std::move(renamed));
}

Storage::Size Storage::size(const std::string& table) {
    const std::string text = engine_.run(fmt::format(
        "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = '{}' AND table = {}",
        workspace_database, literal(table)));
    const auto fields = core::split(core::trim(text), '\t');
    if (fields.size() != 2) {
        return {};
    }
    return {number_of(fields[0]), number_of(fields[1])};
}

}  // namespace tinybird_cdk::local
