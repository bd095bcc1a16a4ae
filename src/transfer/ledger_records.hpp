// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/schema.hpp>
#include <tinybird_cdk/value.hpp>

/// The rows of `tb_cdk_objects`, the data source that says which objects are loaded (docs/adr/0024): how they are
/// written and asked for. Pure: nothing here speaks to a server.
namespace tinybird_cdk::transfer {

inline constexpr std::string_view ledger_name = "tb_cdk_objects";

/// What happened to a load of an object, in the order in which it can happen.
namespace ledger_event {
inline constexpr std::string_view begun = "begun";    ///< the import is about to be asked for
inline constexpr std::string_view job = "job";        ///< Tinybird took it as a job
inline constexpr std::string_view done = "done";      ///< the rows are in
inline constexpr std::string_view failed = "failed";  ///< nothing of it is in
}  // namespace ledger_event

/// A row to write.
struct LedgerEvent {
    std::string uri;
    std::string etag;
    std::uint64_t size = 0;
    std::chrono::system_clock::time_point modified{};  ///< of the object, by the store's clock
    std::string load_id;                               ///< the same in all rows of one load
    std::string event;
    std::string job_id = {};
};

/// What the rows of one load say together.
struct LedgerLoad {
    std::string uri;
    std::string etag;
    std::string load_id;
    bool done = false;
    bool failed = false;
    std::string begun = {};  ///< when, by Tinybird's clock: YYYY-MM-DD hh:mm:ss.ffffff in UTC
    std::string job_id = {};

    /// Nothing says how it ended.
    [[nodiscard]] bool open() const noexcept { return !done && !failed; }
};

/// The data source itself.
schema::Schema ledger_schema();
/// It as a `.datasource` file.
std::string ledger_datafile();

/// A row as NDJSON, with its line end. @param at when it is written
std::string ledger_line(const LedgerEvent& event, std::string_view data_source,
                        std::chrono::system_clock::time_point at);

/// A text as a literal of ClickHouse's SQL.
std::string quoted_text(std::string_view text);

/// One row for each load of a data source that is done or open, sorted by uri, etag and load_id.
/// @param condition SQL: more that the rows must fulfil @param after the last load that is known; null: none
std::string ledger_query(std::string_view data_source, std::string_view condition, const LedgerLoad* after,
                         std::size_t limit);
/// The loads of one content of one object, also those that failed.
std::string ledger_query_of(std::string_view data_source, std::string_view uri, std::string_view etag);
/// Reads what such a query gave. @throws errors::InvalidArgument when a field is not there
std::vector<LedgerLoad> ledger_loads(const ResultSet& rows);

}  // namespace tinybird_cdk::transfer
