// SPDX-License-Identifier: Apache-2.0
#include "transfer/object_ledger.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::transfer {

namespace {

constexpr std::size_t loads_of_a_page = 10'000;
constexpr std::size_t events_of_a_request = 2'000;
constexpr int write_attempts = 3;
constexpr int conflict = 409;

[[noreturn]] void refuse(const errors::HTTPError& error, std::string_view what) {
    throw errors::HTTPError(
        error.status(), error.what(),
        fmt::format("{} Which objects are loaded is kept in the data source {}. The token needs DATASOURCES:READ and "
                    "DATASOURCES:APPEND of it, and DATASOURCES:CREATE where it is to be created. To add it by hand, "
                    "deploy this as {}.datasource:\n{}",
                    what, ledger_name, ledger_name, ledger_datafile()),
        error.exit_code());
}

/// What was surely not carried out was tried as often as the client's policy says.
bool may_be_carried_out(const errors::Error& error) {
    return dynamic_cast<const errors::InDoubtError*>(&error) != nullptr ||
           error.exit_code() == errors::ExitCode::data_refused;
}

}  // namespace

ObjectLedger::ObjectLedger(tinybird::Client& client, std::string data_source)
    : client_(client), data_source_(std::move(data_source)) {}

bool ObjectLedger::exists() {
    std::optional<tinybird::DataSource> found;
    try {
        found = client_.data_source(ledger_name);
    } catch (const errors::HTTPError& error) {
        if (error.status() == 403) {
            refuse(error, "The token may not read it.");
        }
        throw;
    }
    if (!found) {
        return false;
    }
    for (const schema::Column& column : ledger_schema().columns) {
        const auto known = std::find_if(found->columns.begin(), found->columns.end(),
                                        [&](const schema::Column& other) { return other.name == column.name; });
        if (known == found->columns.end() || known->type != column.type) {
            throw errors::InvalidArgument(
                fmt::format("the data source {} is not what --since-last keeps its state in: column {} must be {}",
                            ledger_name, column.name, column.type.to_string()),
                fmt::format("It must be this:\n{}", ledger_datafile()));
        }
    }
    return true;
}

void ObjectLedger::create_if_missing() {
    if (exists()) {
        return;
    }
    try {
        client_.create_data_source(ledger_name, ledger_schema());
    } catch (const errors::HTTPError& error) {
        // Two first runs at once: the other one made it.
        if (error.status() == conflict && exists()) {
            return;
        }
        if (error.status() == 0 || error.status() >= 500) {
            throw;
        }
        refuse(error, "It can't be created.");
    }
    logger::info(fmt::format("created data source {}, which says which objects are loaded", ledger_name));
}

void ObjectLedger::read(std::string_view uri_prefix, const std::stop_token& stop,
                        const std::function<void(const LedgerLoad&)>& on_load) {
    set_clock(stop);
    const std::string condition = fmt::format("startsWith(uri, {})", quoted_text(uri_prefix));
    LedgerLoad last;
    bool first = true;
    while (true) {
        const std::vector<LedgerLoad> page = ledger_loads(client_.query(
            ledger_query(data_source_, condition, first ? nullptr : &last, loads_of_a_page), {.stop = stop}));
        std::for_each(page.begin(), page.end(), on_load);
        if (page.size() < loads_of_a_page) {
            return;
        }
        last = page.back();
        first = false;
    }
}

std::vector<LedgerLoad> ObjectLedger::loads_of(const std::string& uri, const std::string& etag,
                                               const std::stop_token& stop) {
    return ledger_loads(client_.query(ledger_query_of(data_source_, uri, etag), {.stop = stop}));
}

void ObjectLedger::write(const std::vector<LedgerEvent>& events, const std::stop_token& stop) {
    set_clock(stop);
    for (std::size_t begin = 0; begin < events.size(); begin += events_of_a_request) {
        std::string lines;
        for (std::size_t i = begin; i < std::min(events.size(), begin + events_of_a_request); ++i) {
            lines += ledger_line(events[i], data_source_, now());
        }
        for (int attempt = 1;; ++attempt) {
            try {
                client_.append_events(lines, ledger_name,
                                      tinybird::AppendEventsOptions{
                                          .wait = true, .on_quarantine = tinybird::OnQuarantine::fail, .stop = stop});
                break;
            } catch (const errors::QuarantineError&) {
                throw;
            } catch (const errors::HTTPError& error) {
                if (error.status() == 401 || error.status() == 403) {
                    refuse(error, "The token may not append to it.");
                }
                if (attempt == write_attempts || !may_be_carried_out(error)) {
                    throw;
                }
            } catch (const errors::TinybirdClientError& error) {
                if (attempt == write_attempts || !may_be_carried_out(error)) {
                    throw;
                }
            }
        }
    }
}

std::chrono::system_clock::time_point ObjectLedger::now() const {
    return std::chrono::system_clock::now() + ahead_;
}

void ObjectLedger::set_clock(const std::stop_token& stop) {
    if (clock_is_set_) {
        return;
    }
    const auto before = std::chrono::system_clock::now();
    const std::string text =
        client_
            // From the ledger itself, for a token may be good for nothing else.
            .query_scalar(fmt::format("SELECT toString(toUnixTimestamp64Micro(now64(6))) AS moment, count() AS loads "
                                      "FROM {}",
                                      ledger_name),
                          {.stop = stop})
            .to_text();
    std::int64_t micros = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), micros).ec != std::errc()) {
        throw errors::TinybirdClientError(fmt::format("\"{}\" is no time of Tinybird's clock", text),
                                          "Check TB_CDK_ENDPOINT: is it Tinybird's API?");
    }
    const std::chrono::system_clock::time_point theirs{std::chrono::microseconds(micros)};
    // The answer may be as old as the call took; times that are early by that do no harm.
    ahead_ = theirs - before - (std::chrono::system_clock::now() - before);
    clock_is_set_ = true;
}

}  // namespace tinybird_cdk::transfer
