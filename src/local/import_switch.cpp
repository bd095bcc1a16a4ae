// SPDX-License-Identifier: Apache-2.0
#include "local/import_switch.hpp"

#include <fstream>
#include <mutex>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"
#include "local/answers.hpp"
#include "local/sql_text.hpp"
#include "local/storage.hpp"

namespace tinybird_cdk::local {

namespace {

/// The data source as it is now. The caller holds its write lock.
void check_unchanged(const Catalog& catalog, const DataSource& source) {
    const auto now = catalog.find(source.id);
    if (!now) {
        throw Refusal(
            404, fmt::format("Data Source \"{}\" was deleted during the import: nothing was imported", source.name));
    }
    if (now->name != source.name || now->columns != source.columns) {
        throw Refusal(409, fmt::format("Data Source \"{}\" was changed during the import: nothing was imported. "
                                       "Import again.",
                                       source.name));
    }
}

std::size_t parts_of(Engine& engine, const std::string& table) {
    const std::size_t dot = table.find('.');
    const std::string count =
        engine.run(fmt::format("SELECT count() FROM system.parts WHERE active AND database = {} AND table = {}",
                               literal(table.substr(0, dot)), literal(table.substr(dot + 1))));
    return std::stoul(count);
}

std::string uuid_of(Engine& engine, std::string_view database, const std::string& table) {
    return std::string(core::trim(engine.run(fmt::format(
        "SELECT uuid FROM system.tables WHERE database = {} AND name = {}", literal(database), literal(table)))));
}

void remove_quarantined(Engine& engine, const std::string& name, const std::string& import_id) {
    engine.run(fmt::format("ALTER TABLE {} DELETE WHERE c__import_id = {} SETTINGS mutations_sync = 2",
                           quarantine_of(name), literal(import_id)));
}

/// A note in the journal that quarantined rows are on their way. Gone with the object: the exchange has happened, or
/// the rows were removed.
class Note {
public:
    Note(const std::filesystem::path& journal, const std::string& import_id, const std::string& name,
         const std::string& uuid)
        : file_(journal / (import_id + ".json")) {
        const std::filesystem::path next = file_.string() + ".next";
        std::ofstream stream(next);
        stream << nlohmann::json{{"import_id", import_id}, {"name", name}, {"uuid", uuid}};
        stream.close();
        if (!stream) {
            throw errors::Error(fmt::format("can't write {}", next.string()), "Is the disk full?",
                                errors::ExitCode::temporary);
        }
        std::filesystem::rename(next, file_);
    }
    Note(const Note&) = delete;
    Note& operator=(const Note&) = delete;
    ~Note() {
        if (settled_) {
            std::error_code ignored;
            std::filesystem::remove(file_, ignored);
        }
    }
    /// Without it the next start looks.
    void settle() noexcept { settled_ = true; }

private:
    const std::filesystem::path file_;
    bool settled_ = false;
};

/// Makes the table that becomes the data source's. @return its name
std::string make_next(Engine& engine, const std::string& table, const ImportSwitch& tables, const SwitchMode& mode) {
    if (mode.replace && mode.condition.empty()) {
        return tables.ready;
    }
    const Engine::Lease writer = engine.writer();
    writer->query(fmt::format("CREATE TABLE {} AS {}", tables.next, table));
    if (!mode.replace) {
        // Both cost links to files only.
        writer->query(fmt::format("ALTER TABLE {} ATTACH PARTITION ALL FROM {}", tables.next, table));
        writer->query(fmt::format("ALTER TABLE {} ATTACH PARTITION ALL FROM {}", tables.next, tables.ready));
        return tables.next;
    }
    // Kept: old rows that the condition does not select (it may be NULL), and new rows that it does.
    writer->query(
        fmt::format("INSERT INTO {} SELECT * FROM {} WHERE NOT coalesce(({}), 0)", tables.next, table, mode.condition));
    writer->query(fmt::format("INSERT INTO {} SELECT * FROM {} WHERE ({})", tables.next, tables.ready, mode.condition));
    return tables.next;
}

void put_quarantined(Engine& engine, const std::string& name, const std::string& rows) {
    engine.run(fmt::format("ALTER TABLE {} ATTACH PARTITION ALL FROM {}", quarantine_of(name), rows));
}

}  // namespace

void switch_import(Engine& engine, Catalog& catalog, const DataSource& source, const ImportSwitch& tables,
                   const SwitchMode& mode, const std::filesystem::path& journal) {
    // One switch at a time: a row written between the copy and the exchange would be lost.
    const auto lock = catalog.write_lock(source.name);
    const std::lock_guard guard(*lock);
    check_unchanged(catalog, source);
    const std::string table = table_of(source.name);
    const bool keeps_nothing = core::equal_ignoring_case(source.engine, "Null");
    if (tables.quarantine.empty() && !mode.replace && !keeps_nothing && parts_of(engine, tables.ready) < 2) {
        // One part goes in by one rename. More would go in one after the other.
        engine.run(fmt::format("ALTER TABLE {} ATTACH PARTITION ALL FROM {}", table, tables.ready));
    } else if (keeps_nothing) {
        if (!tables.quarantine.empty()) {
            put_quarantined(engine, source.name, tables.quarantine);
        }
    } else {
        const std::string next = make_next(engine, table, tables, mode);
        const std::string exchange = fmt::format("EXCHANGE TABLES {} AND {}", table, next);
        if (tables.quarantine.empty()) {
            engine.run(exchange);
        } else {
            Note note(journal, mode.import_id, source.name,
                      uuid_of(engine, staging_database, next.substr(next.find('.') + 1)));
            try {
                put_quarantined(engine, source.name, tables.quarantine);
                engine.run(exchange);
            } catch (...) {
                remove_quarantined(engine, source.name, mode.import_id);
                note.settle();
                throw;
            }
            note.settle();
        }
    }
    catalog.touch(source.id);
}

std::filesystem::path import_journal(const std::filesystem::path& scratch) {
    std::filesystem::path journal = scratch.parent_path() / "imports";
    std::filesystem::create_directories(journal);
    return journal;
}

void recover_imports(Engine& engine, const std::filesystem::path& journal) {
    for (const auto& entry : std::filesystem::directory_iterator(journal)) {
        if (entry.path().extension() == ".json") {
            std::ifstream stream(entry.path());
            const auto note = nlohmann::json::parse(stream);
            const std::string name = note.at("name");
            const bool exists = !uuid_of(engine, workspace_database, name + "_quarantine").empty();
            if (exists && uuid_of(engine, workspace_database, name) != note.at("uuid").get<std::string>()) {
                remove_quarantined(engine, name, note.at("import_id"));
            }
        }
        std::filesystem::remove(entry.path());
    }
}

}  // namespace tinybird_cdk::local
