// SPDX-License-Identifier: Apache-2.0
#include "transfer/ledger_records.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::transfer {

namespace {

/// With all digits that the columns have.
std::string moment_text(std::chrono::system_clock::time_point time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(time - seconds);
    return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:06}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                       rest.count());
}

/// The names differ from those of the columns, for ClickHouse takes an alias for what has its name anywhere.
constexpr std::string_view load_columns =
    "uri AS of_uri, etag AS of_etag, load_id AS of_load, toUInt8(countIf(event = 'done') > 0) AS is_done, "
    "toUInt8(countIf(event = 'failed') > 0) AS is_failed, toString(min(at)) AS begun_at, max(job_id) AS of_job";

const Value& field(const Value::Record& row, std::string_view name) {
    const auto found = std::find_if(row.begin(), row.end(), [&](const auto& entry) { return entry.first == name; });
    if (found == row.end()) {
        throw errors::InvalidArgument(fmt::format("the answer of \"{}\" has no \"{}\"", ledger_name, name),
                                      "Check TB_CDK_ENDPOINT: is it Tinybird's API?");
    }
    return found->second;
}

}  // namespace

schema::Schema ledger_schema() {
    schema::Schema schema;
    schema.table = ledger_name;
    schema.columns = {{.name = "data_source", .type = schema::String()},
                      {.name = "uri", .type = schema::String()},
                      {.name = "etag", .type = schema::String()},
                      {.name = "size", .type = schema::UInt64()},
                      {.name = "modified", .type = schema::DateTime64(6, "UTC")},
                      {.name = "load_id", .type = schema::String()},
                      {.name = "event", .type = schema::String()},
                      {.name = "job_id", .type = schema::String()},
                      {.name = "at", .type = schema::DateTime64(6, "UTC")}};
    schema.sorting_key = {"data_source", "uri", "at"};
    return schema;
}

std::string ledger_datafile() {
    return ledger_schema().to_datafile("Objects that tb-cdk append --since-last has loaded");
}

std::string ledger_line(const LedgerEvent& event, std::string_view data_source,
                        std::chrono::system_clock::time_point at) {
    return Value(Value::Record{{"data_source", std::string(data_source)},
                               {"uri", event.uri},
                               {"etag", event.etag},
                               {"size", Value(event.size)},
                               {"modified", moment_text(event.modified)},
                               {"load_id", event.load_id},
                               {"event", event.event},
                               {"job_id", event.job_id},
                               {"at", moment_text(at)}})
               .to_json() +
           "\n";
}

std::string quoted_text(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\0') {
            quoted += "\\0";
            continue;
        }
        if (c == '\'' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + "'";
}

std::string ledger_query(std::string_view data_source, std::string_view condition, const LedgerLoad* after,
                         std::size_t limit) {
    std::string where = fmt::format("data_source = {} AND {}", quoted_text(data_source), condition);
    if (after != nullptr) {
        where += fmt::format(" AND (uri, etag, load_id) > ({}, {}, {})", quoted_text(after->uri),
                             quoted_text(after->etag), quoted_text(after->load_id));
    }
    // Failed ones say nothing, and an object that always fails has many.
    return fmt::format(
        "SELECT {} FROM {} WHERE {} GROUP BY uri, etag, load_id HAVING is_done OR NOT is_failed ORDER BY uri, etag, "
        "load_id LIMIT {}",
        load_columns, ledger_name, where, limit);
}

std::string ledger_query_of(std::string_view data_source, std::string_view uri, std::string_view etag) {
    return fmt::format(
        "SELECT {} FROM {} WHERE data_source = {} AND uri = {} AND etag = {} GROUP BY uri, etag, load_id ORDER BY "
        "load_id",
        load_columns, ledger_name, quoted_text(data_source), quoted_text(uri), quoted_text(etag));
}

std::vector<LedgerLoad> ledger_loads(const ResultSet& rows) {
    std::vector<LedgerLoad> loads;
    for (const Value::Record& row : rows) {
        loads.push_back({.uri = field(row, "of_uri").to_text(),
                         .etag = field(row, "of_etag").to_text(),
                         .load_id = field(row, "of_load").to_text(),
                         .done = field(row, "is_done").to_text() == "1",
                         .failed = field(row, "is_failed").to_text() == "1",
                         .begun = field(row, "begun_at").to_text(),
                         .job_id = field(row, "of_job").to_text()});
    }
    return loads;
}

}  // namespace tinybird_cdk::transfer
