// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/schema.hpp>

#include "local/engine.hpp"
#include "local/import_format.hpp"
#include "local/ingest/block_queue.hpp"
#include "local/ingest/record_sink.hpp"
#include "local/ingest/row_block.hpp"

namespace tinybird_cdk::local::ingest {

struct StageOptions {
    std::string typed_table;  ///< has the columns of the data source
    std::string text_table;   ///< is made when it is needed
    ImportFormat format = ImportFormat::csv;
    /// Whether rows may go to the typed table at all. The tests compare both ways.
    bool fast = true;
};

struct StageCounts {
    std::uint64_t typed_rows = 0;
    std::uint64_t text_rows = 0;
    std::uint64_t unreadable = 0;
    std::vector<std::string> reasons;  ///< the first ones of what was unreadable
};

/// Puts records into tables: into the typed one those of which every value is certain, into the one of texts all
/// others, for the engine to judge. Records are read by the caller's thread, the engine takes them on another.
class RowStage final : public RecordSink {
public:
    RowStage(Engine& engine, const std::vector<schema::Column>& columns, StageOptions options);

    void record(std::span<const Field> fields, std::size_t size) override;
    void unreadable(const std::string& reason) override;
    /// All rows are in their tables then. @throws chdb::EngineError
    StageCounts finish();

private:
    void flush(bool typed);
    void insert(const BlockQueue::Block* block);

    Engine& engine_;
    const std::vector<schema::Column> columns_;
    const StageOptions options_;
    TypedBlock typed_;
    TextBlock text_;
    const bool fast_;
    std::size_t typed_size_ = 0;
    std::size_t text_size_ = 0;
    StageCounts counts_;

    /// An insert, of the thread that talks to the engine.
    struct Insert {
        Insert(Engine& engine, const std::string& sql)
            : connection(engine, false), stream(*connection, sql, "Native") {}
        Engine::Lease connection;
        chdb::Connection::Insert stream;
    };
    std::optional<Insert> typed_insert_;
    std::optional<Insert> text_insert_;
    BlockQueue queue_;  // the last: its thread uses the others
};

}  // namespace tinybird_cdk::local::ingest
