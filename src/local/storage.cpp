// SPDX-License-Identifier: Apache-2.0
#include "local/storage.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/answers.hpp"
#include "local/crash_point.hpp"
#include "local/sql_text.hpp"
#include "local/table_text.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr std::string_view quarantine_suffix = "_quarantine";

std::uint64_t number_of(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

std::string table_of(const std::string& name) {
    return fmt::format("{}.{}", workspace_database, identifier(name));
}

std::string quarantine_of(const std::string& name) {
    return table_of(name + std::string(quarantine_suffix));
}

Intent Storage::begin(Intent intent) {
    settle();
    intent.id = core::random_hex(16);
    catalog_.change([&](CatalogState& state) { state.intents.push_back(intent); });
    return intent;
}

void Storage::end(const Intent& intent, const std::function<void(CatalogState&)>& edit) {
    catalog_.change([&](CatalogState& state) {
        std::erase_if(state.intents, [&](const Intent& each) { return each.id == intent.id; });
        if (edit) {
            edit(state);
        }
    });
}

void Storage::check_free(const std::string& name) {
    if (name.ends_with(quarantine_suffix)) {
        throw Refusal(
            400, fmt::format("\"{}\": names that end in {} are those of quarantine tables", name, quarantine_suffix));
    }
    if (catalog_.find(name)) {
        throw Refusal(409, fmt::format("there is already a data source \"{}\"", name));
    }
}

void Storage::create(DataSource source) {
    check_definition(source);
    const std::lock_guard lock(structure_);
    check_free(source.name);
    std::vector<std::string> columns;
    std::vector<std::string> raw_columns;
    for (const schema::Column& column : source.columns) {
        columns.push_back(column_definition(column));
        raw_columns.push_back(fmt::format("{} Nullable(String)", identifier(column.name)));
    }
    const std::string table = fmt::format("CREATE TABLE {} ({}) ENGINE = {}", table_of(source.name),
                                          fmt::join(columns, ", "), engine_definition(source));
    if (engine_.writer()->classify(table).statement_count > 1) {
        throw Refusal(400, "the definition is not one of a table");
    }
    const Intent intent = begin({.id = {}, .kind = Intent::Kind::create, .before = source, .after = {}, .tables = {}});
    crash_point("create:intent");
    try {
        engine_.run(table);
        crash_point("create:table");
        engine_.run(
            fmt::format("CREATE TABLE {} ({}, c__error_column Array(String), c__error Array(String), "
                        "c__import_id Nullable(String), insertion_date DateTime) ENGINE = MergeTree ORDER BY "
                        "insertion_date",
                        quarantine_of(source.name), fmt::join(raw_columns, ", ")));
    } catch (...) {
        settle(intent);
        throw;
    }
    crash_point("create:quarantine");
    end(intent, [&](CatalogState& state) { state.sources.emplace(source.name, source); });
}

void Storage::drop(const DataSource& source) {
    const std::lock_guard lock(structure_);
    settle();
    // The entry goes in one step with the intent: from here on the data source does not exist.
    const Intent intent{
        .id = core::random_hex(16), .kind = Intent::Kind::drop, .before = source, .after = {}, .tables = {}};
    catalog_.change([&](CatalogState& state) {
        state.sources.erase(source.name);
        state.intents.push_back(intent);
    });
    crash_point("drop:intent");
    engine_.run(fmt::format("DROP TABLE IF EXISTS {} SYNC", table_of(source.name)));
    crash_point("drop:table");
    engine_.run(fmt::format("DROP TABLE IF EXISTS {} SYNC", quarantine_of(source.name)));
    crash_point("drop:quarantine");
    end(intent);
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

std::vector<std::string> Storage::alter(const DataSource& source, const Alteration& alteration, bool dry) {
    DataSource changed = source;
    std::vector<std::string> operations;
    if (alteration.columns) {
        const auto& columns = *alteration.columns;
        for (std::size_t i = 0; i < source.columns.size(); ++i) {
            const schema::Column& old = source.columns[i];
            if (i >= columns.size() || columns[i].name != old.name) {
                throw Refusal(400,
                              fmt::format("column \"{}\" is not at its place: columns can't be dropped, renamed or "
                                          "moved, only added behind the last one",
                                          old.name));
            }
            if (columns[i].type == old.type) {
                continue;
            }
            if (old.type.nullable() || columns[i].type != old.type.with_nullable(true)) {
                throw Refusal(400, fmt::format("column \"{}\" can't become {}: it is {}, and may only become Nullable",
                                               old.name, columns[i].type.to_string(), old.type.to_string()));
            }
            changed.columns[i].type = columns[i].type;
            operations.push_back("MODIFY COLUMN " + column_definition(changed.columns[i]));
        }
        for (std::size_t i = source.columns.size(); i < columns.size(); ++i) {
            check_column(columns[i]);
            changed.columns.push_back(columns[i]);
            operations.push_back("ADD COLUMN " + column_definition(columns[i]));
        }
    }
    if (alteration.ttl && *alteration.ttl != source.ttl) {
        check_ttl(*alteration.ttl);
        changed.ttl = *alteration.ttl;
        operations.push_back(changed.ttl.empty() ? "REMOVE TTL" : "MODIFY TTL " + changed.ttl);
    }
    const bool tables_change = !operations.empty();
    if (alteration.description && *alteration.description != source.description) {
        changed.description = *alteration.description;
        operations.push_back("MODIFY DESCRIPTION");
    }
    if (operations.empty()) {
        // Tinybird's command line knows it by this text.
        throw Refusal(400, "There were no operations to perform");
    }
    if (dry) {
        return operations;
    }
    changed.updated_at = timestamp_now();
    const std::lock_guard lock(structure_);
    if (!tables_change) {
        catalog_.put(changed);
        return operations;
    }
    const Intent intent =
        begin({.id = {}, .kind = Intent::Kind::alter, .before = source, .after = std::move(changed), .tables = {}});
    crash_point("alter:intent");
    try {
        finish_alter(intent);
    } catch (const chdb::EngineError&) {
        end(intent);
        throw;
    }
    return operations;
}

void Storage::rename(const DataSource& source, const std::string& name) {
    const std::lock_guard lock(structure_);
    check_free(name);
    if (exists(name) || exists(name + std::string(quarantine_suffix))) {
        throw Refusal(409, fmt::format("there is already a table \"{}\"", name));
    }
    DataSource renamed = source;
    renamed.name = name;
    renamed.updated_at = timestamp_now();
    const Intent intent =
        begin({.id = {}, .kind = Intent::Kind::rename, .before = source, .after = std::move(renamed), .tables = {}});
    crash_point("rename:intent");
    finish_rename(intent);
}

void Storage::exchange(const DataSource& one, const DataSource& other) {
    const std::lock_guard lock(structure_);
    Intent intent{.id = {}, .kind = Intent::Kind::exchange, .before = one, .after = other, .tables = {}};
    for (const std::string& name : {one.name, other.name}) {
        for (const std::string& table : {name, name + std::string(quarantine_suffix)}) {
            intent.tables[table] = uuid_of(table);
        }
    }
    intent = begin(std::move(intent));
    crash_point("exchange:intent");
    finish_exchange(intent);
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
