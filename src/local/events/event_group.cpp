// SPDX-License-Identifier: Apache-2.0
#include "local/events/event_group.hpp"

#include <charconv>
#include <mutex>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/answers.hpp"
#include "local/events/judged_rows.hpp"
#include "local/events/numbered_rows.hpp"
#include "local/ingest/ndjson_reader.hpp"
#include "local/sql_text.hpp"
#include "local/storage.hpp"

namespace tinybird_cdk::local {

namespace {

/// A row of many columns is large even when it is empty.
constexpr std::size_t most_values = 4'000'000;

/// Of the connection, so seen by nobody else, and nothing of it is on the disk.
constexpr std::string_view typed_table = "events_typed";
constexpr std::string_view text_table = "events_text";

std::string names_of(const std::vector<schema::Column>& columns) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const schema::Column& column : columns) {
        names.push_back(identifier(column.name));
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string definitions_of(const std::vector<schema::Column>& columns) {
    std::vector<std::string> definitions;
    definitions.reserve(columns.size());
    for (const schema::Column& column : columns) {
        definitions.push_back(fmt::format("{} {}", identifier(column.name), column.type.to_string()));
    }
    return fmt::format("{}", fmt::join(definitions, ", "));
}

void insert(chdb::Connection& connection, const std::string& target, std::string_view native) {
    chdb::Connection::Insert stream(connection, fmt::format("INSERT INTO {}", target), "Native");
    stream.write(native);
    stream.finish();
}

/// Tables of the group, gone with the object.
class GroupTables {
public:
    GroupTables(chdb::Connection& connection, const std::vector<schema::Column>& columns) : connection_(connection) {
        drop();
        connection_.query(
            fmt::format("CREATE TEMPORARY TABLE {} ({}) ENGINE = Memory", typed_table, definitions_of(columns)));
        connection_.query(fmt::format("CREATE TEMPORARY TABLE {} ({}, {} UInt64) ENGINE = Memory", text_table,
                                      ingest::TextBlock::table_columns(columns), row_number_column));
    }
    GroupTables(const GroupTables&) = delete;
    GroupTables& operator=(const GroupTables&) = delete;
    ~GroupTables() {
        try {
            drop();
        } catch (
            const chdb::EngineError&) {  // NOLINT(bugprone-empty-catch): the next group on this connection drops them
        }
    }

private:
    void drop() {
        connection_.query(fmt::format("DROP TEMPORARY TABLE IF EXISTS {}", typed_table));
        connection_.query(fmt::format("DROP TEMPORARY TABLE IF EXISTS {}", text_table));
    }
    chdb::Connection& connection_;
};

}  // namespace

EventGroup::EventGroup(Engine& engine, DataSource source)
    : engine_(engine),
      source_(std::move(source)),
      names_(names_of(source_.columns)),
      typed_(source_.columns, ImportFormat::ndjson),
      text_(source_.columns) {}

void EventGroup::add(std::string_view body) {
    counts_.emplace_back();
    ingest::NdjsonReader reader(source_.columns, *this);
    reader.write(body);
    reader.finish();
}

void EventGroup::record(std::span<const ingest::Field> fields, std::size_t /*size*/) {
    if (typed_.usable() && typed_.add(fields)) {
        ++counts_.back().rows;
    } else {
        text_.add(fields);
        text_owners_.push_back(counts_.size() - 1);
        // Until the engine says otherwise.
        ++counts_.back().rows;
    }
    check_size();
}

void EventGroup::unreadable(const std::string& /*reason*/) {
    ++counts_.back().quarantined;
}

void EventGroup::check_size() const {
    if ((typed_.rows() + text_.rows()) * source_.columns.size() > most_values) {
        throw TooManyRows();
    }
}

std::vector<EventCounts> EventGroup::commit(Catalog& catalog) {
    const Engine::Lease connection = engine_.writer();
    const auto lock = catalog.write_lock(source_.name);
    const std::lock_guard guard(*lock);
    const auto now = catalog.find(source_.id);
    if (!now) {
        throw Refusal(404, fmt::format("Data Source \"{}\" was deleted", source_.name));
    }
    if (now->name != source_.name || now->columns != source_.columns) {
        throw SourceChanged();
    }
    if (text_.rows() > 0) {
        insert_judged(*connection);
    } else if (typed_.rows() > 0) {
        insert(*connection, fmt::format("{} ({})", table_of(source_.name), names_), typed_.take());
    }
    return counts_;
}

void EventGroup::insert_judged(chdb::Connection& connection) {
    const GroupTables tables(connection, source_.columns);
    const JudgedRows judged = judged_rows(source_.columns, ImportFormat::ndjson);
    if (typed_.rows() > 0) {
        insert(connection, fmt::format("{} ({})", typed_table, names_), typed_.take());
    }
    const std::size_t rows = text_.rows();
    insert(connection, std::string(text_table), with_row_numbers(text_.take(), rows));
    connection.query(fmt::format("INSERT INTO {} ({}) SELECT {} FROM {} WHERE NOT {} {}", typed_table, names_,
                                 judged.values, text_table, judged.bad, judging_settings));
    const std::string bad_rows = connection.query(
        fmt::format("SELECT {} FROM {} WHERE {} {}", row_number_column, text_table, judged.bad, judging_settings));
    for (const std::string_view line : core::split(core::trim(bad_rows), '\n')) {
        std::size_t row = 0;
        if (std::from_chars(line.data(), line.data() + line.size(), row).ec == std::errc()) {
            EventCounts& counts = counts_.at(text_owners_.at(row));
            --counts.rows;
            ++counts.quarantined;
        }
    }
    const std::string id = core::random_hex(24);
    const bool any_bad = !core::trim(bad_rows).empty();
    if (any_bad) {
        connection.query(
            fmt::format("INSERT INTO {} ({}, c__error_column, c__error, c__import_id, insertion_date) "
                        "SELECT {}, {}, {}, {}, now() FROM {} WHERE {} {}",
                        quarantine_of(source_.name), names_, judged.raw_texts, judged.bad_names, judged.reasons,
                        literal(id), text_table, judged.bad, judging_settings));
    }
    try {
        // One block, so one part of each partition.
        connection.query(
            fmt::format("INSERT INTO {0} ({1}) SELECT {1} FROM {2} SETTINGS max_threads = 1, "
                        "min_insert_block_size_rows = {3}, min_insert_block_size_bytes = 0",
                        table_of(source_.name), names_, typed_table, most_values));
    } catch (const chdb::EngineError&) {
        if (any_bad) {
            // Whoever sends the events again does not find them twice.
            connection.query(fmt::format("ALTER TABLE {} DELETE WHERE c__import_id = {} SETTINGS mutations_sync = 2",
                                         quarantine_of(source_.name), literal(id)));
        }
        throw;
    }
}

}  // namespace tinybird_cdk::local
