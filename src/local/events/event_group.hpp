// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "local/catalog.hpp"
#include "local/engine.hpp"
#include "local/ingest/record_sink.hpp"
#include "local/ingest/row_block.hpp"

namespace tinybird_cdk::local {

/// What became of the events of one request.
struct EventCounts {
    std::uint64_t rows = 0;
    std::uint64_t quarantined = 0;  ///< and those that are no JSON
};

/// The data source is another than the one that the events were read for: read them again.
class SourceChanged : public std::runtime_error {
public:
    SourceChanged() : std::runtime_error("the data source was changed") {}
};

/// A request has more rows than a group should hold.
class TooManyRows : public std::runtime_error {
public:
    TooManyRows() : std::runtime_error("too many rows for a group of events") {}
};

/// The events of several requests, written together: one request alone costs as much as hundreds. Rows of which every
/// value is certain are one block and so one part, there or not there; others are judged by the engine first, as those
/// of imports are.
class EventGroup final : private ingest::RecordSink {
public:
    EventGroup(Engine& engine, DataSource source);

    /// The next request's events. @throws TooManyRows
    void add(std::string_view body);
    /// Writes all of them. @return the counts of each request. @throws SourceChanged, Refusal 404 when it is gone
    std::vector<EventCounts> commit(Catalog& catalog);

private:
    void record(std::span<const ingest::Field> fields, std::size_t size) override;
    void unreadable(const std::string& reason) override;
    void check_size() const;
    void insert_judged(chdb::Connection& connection);

    Engine& engine_;
    const DataSource source_;
    const std::string names_;
    ingest::TypedBlock typed_;
    ingest::TextBlock text_;
    std::vector<EventCounts> counts_;
    std::vector<std::size_t> text_owners_;  ///< the request of each row of text
};

}  // namespace tinybird_cdk::local
