// SPDX-License-Identifier: Apache-2.0
#include "storage.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::bigquery {

namespace {

constexpr const char* service = "/google.cloud.bigquery.storage.v1.BigQueryRead/";
/// Of a message with rows: the service promises 128 MB at most
/// (https://cloud.google.com/bigquery/quotas#storage-limits). Mostly they have about one.
constexpr std::size_t largest_message = (128U << 20U) + (1U << 20U);
constexpr std::size_t largest_session = 16U << 20U;

/// A value of x-goog-request-params (https://google.aip.dev/client-libraries/4222): slashes stay.
std::string routing_value(const std::string& name) {
    std::string value;
    std::size_t begin = 0;
    for (std::size_t end = name.find('/'); end != std::string::npos; end = name.find('/', begin)) {
        value += part(std::string_view(name).substr(begin, end - begin)) + "/";
        begin = end + 1;
    }
    return value + part(std::string_view(name).substr(begin));
}

/// A part of a message in the place of the whole one, so that the two are never in memory together.
void cut(std::string& message, std::string_view part) {
    const std::size_t size = part.size();
    message.erase(0, static_cast<std::size_t>(part.data() - message.data()));
    message.resize(size);
}

/// Where there is no session, rows come in pages: no reason to wait long for one.
cloud::ClientOptions impatient() {
    cloud::ClientOptions options;
    options.retry.server_error_attempts = 1;
    return options;
}

}  // namespace

Storage::Storage(std::shared_ptr<Api> api)
    : api_(std::move(api)),
      client_("BigQuery", api_->settings().storage_endpoint, {}, api_->settings().ca_file),
      sessions_("BigQuery", api_->settings().storage_endpoint, impatient(), api_->settings().ca_file) {}

std::vector<std::pair<std::string, std::string>> Storage::metadata(const std::string& routing,
                                                                   const std::stop_token& stop) {
    std::vector<std::pair<std::string, std::string>> headers{{"x-goog-request-params", routing}};
    if (google::Credentials* const credentials = api_->credentials()) {
        headers.emplace_back("authorization", "Bearer " + credentials->token(stop).reveal());
        if (const std::string payer = credentials->quota_project(stop); !payer.empty()) {
            headers.emplace_back("x-goog-user-project", payer);
        }
    }
    return headers;
}

bool Storage::with_new_token(const errors::ExternalDatasourceError& error, bool& asked_again,
                             const std::stop_token& stop) {
    google::Credentials* const credentials = api_->credentials();
    if (credentials == nullptr || asked_again || error.sqlstate() != "UNAUTHENTICATED") {
        return false;
    }
    // Tokens can be revoked before they expire.
    credentials->discard(credentials->token(stop));
    asked_again = true;
    return true;
}

ReadSession Storage::create_session(const std::string& table, unsigned streams, const std::stop_token& stop) {
    bool asked_again = false;
    for (;;) {
        try {
            ReadSession session =
                session_of(sessions_.unary({.method = std::string(service) + "CreateReadSession",
                                            .metadata = metadata("read_session.table=" + routing_value(table), stop),
                                            .request = create_session_request(api_->settings().project, table, streams),
                                            .largest_message = largest_session,
                                            .stop = stop}));
            if (session.streams.size() > streams) {
                // Each one would be a thread.
                throw errors::ExternalDatasourceError(fmt::format(
                    "BigQuery gives {} streams, where {} were asked for at most", session.streams.size(), streams));
            }
            return session;
        } catch (const errors::ExternalDatasourceError& error) {
            if (!with_new_token(error, asked_again, stop)) {
                throw;
            }
        }
    }
}

void Storage::read_stream(const std::string& name, MemoryBudget& budget, const Take& take,
                          const std::stop_token& stop) {
    grpc::Tries tries = client_.tries();
    bool asked_again = false;
    bool went_on = false;
    std::uint64_t offset = 0;
    ReservedMemory memory(budget);
    for (;;) {
        try {
            grpc::Stream stream = client_.stream({.method = std::string(service) + "ReadRows",
                                                  .metadata = metadata("read_stream=" + routing_value(name), stop),
                                                  .request = read_rows_request(name, offset),
                                                  .largest_message = largest_message,
                                                  .stop = stop});
            for (;;) {
                auto message = stream.next([&](std::size_t bytes) { memory.reserve(bytes, stop); });
                if (!message) {
                    return;
                }
                const RowsMessage found = rows_of(*message);
                if (found.rows == 0) {
                    continue;
                }
                const std::uint64_t rows = found.rows;
                cut(*message, found.batch);
                take({.batch = std::move(*message), .rows = rows, .share = memory.hand_over()});
                offset += rows;
                tries.went_on();
                asked_again = false;
                went_on = true;
            }
        } catch (const errors::ExternalDatasourceError& error) {
            // A connection that breaks under way is no news: the first look whether it leads on needs no wait.
            const bool at_once = went_on && error.retryable() && error.sqlstate() != "RESOURCE_EXHAUSTED";
            went_on = false;
            if (!at_once && !with_new_token(error, asked_again, stop) && !tries.again(error, stop)) {
                throw;
            }
            logger::info(fmt::format("{}: the stream goes on at row {}", error.what(), offset));
        }
    }
}

}  // namespace tinybird_cdk::bigquery
