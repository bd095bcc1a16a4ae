// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/crash_point.hpp"
#include "local/sql_text.hpp"
#include "local/storage.hpp"
#include "local/table_text.hpp"

/// The second halves of changes, run by those who begin them and by the start after a crash. Each step looks what is
/// done already, so that it may be run again at any point.
namespace tinybird_cdk::local {

namespace {

/// Where tables go that no data source has and that hold rows.
constexpr std::string_view aside_database = "lost_and_found";

std::string quarantine_name(const std::string& name) {
    return name + "_quarantine";
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (const std::string_view line : core::split(core::trim(text), '\n')) {
        if (!line.empty()) {
            lines.emplace_back(line);
        }
    }
    return lines;
}

}  // namespace

bool Storage::exists(const std::string& table) {
    return !uuid_of(table).empty();
}

std::string Storage::uuid_of(const std::string& table) {
    return std::string(core::trim(engine_.run(fmt::format(
        "SELECT uuid FROM system.tables WHERE database = '{}' AND name = {}", workspace_database, literal(table)))));
}

void Storage::settle() {
    for (const Intent& intent : catalog_.intents()) {
        settle(intent);
    }
}

void Storage::settle(const Intent& intent) {
    const std::string& name = intent.before.name;
    switch (intent.kind) {
        case Intent::Kind::create:
            // Nobody was told that it exists. Rows can't be in it, and yet are looked for before it goes.
            if (exists(name) && size(name).rows > 0) {
                end(intent, [&](CatalogState& state) { state.sources.emplace(name, intent.before); });
                return;
            }
            [[fallthrough]];
        case Intent::Kind::drop:
            engine_.run(fmt::format("DROP TABLE IF EXISTS {} SYNC", table_of(name)));
            engine_.run(fmt::format("DROP TABLE IF EXISTS {} SYNC", quarantine_of(name)));
            end(intent);
            return;
        case Intent::Kind::rename:
            finish_rename(intent);
            return;
        case Intent::Kind::exchange:
            finish_exchange(intent);
            return;
        case Intent::Kind::alter:
            try {
                finish_alter(intent);
            } catch (const chdb::EngineError& error) {
                // What the engine refuses now it would have refused then.
                logger::warning(fmt::format("a change of data source \"{}\" was given up: {}", name, error.what()));
                end(intent);
            }
            return;
    }
}

void Storage::finish_rename(const Intent& intent) {
    const std::string& from = intent.before.name;
    const std::string& to = intent.after.name;
    for (const auto& [old_name, new_name] :
         {std::pair(from, to), std::pair(quarantine_name(from), quarantine_name(to))}) {
        if (exists(old_name) && !exists(new_name)) {
            engine_.run(fmt::format("RENAME TABLE {} TO {}", table_of(old_name), table_of(new_name)));
        }
        crash_point(old_name == from ? "rename:table" : "rename:quarantine");
    }
    end(intent, [&](CatalogState& state) {
        state.sources.erase(from);
        state.sources.insert_or_assign(to, intent.after);
    });
}

void Storage::finish_exchange(const Intent& intent) {
    const std::string& one = intent.before.name;
    const std::string& other = intent.after.name;
    for (const auto& [left, right] : {std::pair(one, other), std::pair(quarantine_name(one), quarantine_name(other))}) {
        // A table keeps its UUID under whatever name.
        if (uuid_of(left) == intent.tables.at(left)) {
            engine_.run(fmt::format("EXCHANGE TABLES {} AND {}", table_of(left), table_of(right)));
        }
        crash_point(left == one ? "exchange:table" : "exchange:quarantine");
    }
    end(intent, [&](CatalogState& state) {
        DataSource first = intent.before;
        DataSource second = intent.after;
        std::swap(first.name, second.name);
        first.updated_at = second.updated_at = timestamp_now();
        state.sources.insert_or_assign(first.name, first);
        state.sources.insert_or_assign(second.name, second);
    });
}

void Storage::finish_alter(const Intent& intent) {
    const DataSource& before = intent.before;
    const DataSource& after = intent.after;
    std::vector<std::string> steps;
    std::vector<std::string> raw_steps;
    for (std::size_t i = 0; i < after.columns.size(); ++i) {
        const std::string definition = column_definition(after.columns[i]);
        if (i >= before.columns.size()) {
            steps.push_back("ADD COLUMN IF NOT EXISTS " + definition);
            // The quarantine's own columns stay behind those of the data source.
            raw_steps.push_back(fmt::format("ADD COLUMN IF NOT EXISTS {} Nullable(String) AFTER {}",
                                            identifier(after.columns[i].name), identifier(after.columns[i - 1].name)));
        } else if (after.columns[i].type != before.columns[i].type) {
            steps.push_back("MODIFY COLUMN " + definition);
        }
    }
    if (after.ttl != before.ttl) {
        steps.push_back(after.ttl.empty() ? "REMOVE TTL" : "MODIFY TTL " + after.ttl);
    }
    // The quarantine first: a column too many there does no harm if the engine refuses the others.
    if (!raw_steps.empty()) {
        engine_.run(fmt::format("ALTER TABLE {} {}", quarantine_of(before.name), fmt::join(raw_steps, ", ")));
        crash_point("alter:quarantine");
    }
    engine_.run(fmt::format("ALTER TABLE {} {}", table_of(before.name), fmt::join(steps, ", ")));
    crash_point("alter:table");
    end(intent, [&](CatalogState& state) { state.sources.insert_or_assign(after.name, after); });
}

void Storage::recover() {
    settle();
    put_strays_aside();
}

/// Tables without a data source can only come from outside (a lost or an older catalog). Empty ones go; what holds rows
/// is no server's to drop.
void Storage::put_strays_aside() {
    for (const std::string& name : lines_of(
             engine_.run(fmt::format("SELECT name FROM system.tables WHERE database = '{}'", workspace_database)))) {
        std::string owner = name;
        if (owner.ends_with("_quarantine") && !catalog_.find(owner)) {
            owner.resize(owner.size() - std::string_view("_quarantine").size());
        }
        if (catalog_.find(owner)) {
            continue;
        }
        if (size(name).rows == 0) {
            engine_.run(fmt::format("DROP TABLE {} SYNC", table_of(name)));
            continue;
        }
        const std::string kept =
            fmt::format("{}.{}", aside_database, identifier(fmt::format("{}_{}", name, core::random_hex(8))));
        engine_.run(fmt::format("CREATE DATABASE IF NOT EXISTS {} ENGINE = Atomic", aside_database));
        engine_.run(fmt::format("RENAME TABLE {} TO {}", table_of(name), kept));
        logger::warning(fmt::format("table \"{}\" belongs to no data source: it was kept as {}", name, kept));
    }
}

}  // namespace tinybird_cdk::local
