// SPDX-License-Identifier: Apache-2.0
#include "unload.hpp"

#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/record_batches.hpp>
#include <tinybird_cdk/retry.hpp>

#include "copy_sql.hpp"
#include "login.hpp"
#include "sql_text.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::snowflake {

namespace {

/// Ends a query of a connection when the token asks. A cancel that comes while nothing runs is forgotten: it is said
/// again until this object goes.
class CancelOnStop {
public:
    CancelOnStop(adbc::Connection& connection, const std::stop_token& stop)
        : watcher_([this, &connection, stop](const std::stop_token& end) {
              constexpr std::chrono::milliseconds between_cancels{200};
              // Before the lock: it may call at once.
              const std::stop_callback wake(stop, [this] {
                  const std::lock_guard guard(mutex_);
                  asked_ = true;
                  changed_.notify_all();
              });
              std::unique_lock lock(mutex_);
              changed_.wait(lock, end, [this] { return asked_; });
              while (asked_ && !end.stop_requested()) {
                  connection.cancel();
                  changed_.wait_for(lock, end, between_cancels, [] { return false; });
              }
          }) {}

private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool asked_ = false;
    std::jthread watcher_;  // the last one: gone before what it uses
};

/// Queries of a session that still run. Nothing: it can't be told.
std::optional<std::string> running_in(Session& other, const std::string& session_id) {
    const std::string& database = other.settings().database;
    if (database.empty()) {
        return std::nullopt;
    }
    return scalar(
               other.rows(fmt::format("SELECT COUNT(*) FROM TABLE({}.INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION("
                                      "SESSION_ID => {})) WHERE EXECUTION_STATUS IN ('RUNNING', 'QUEUED', 'BLOCKED')",
                                      database, session_id),
                          {}))
        .to_text();
}

/// Ends what a session runs, by another session, and waits for that: the answer to the statement may be lost of one
/// that writes on. @throws errors::Error
void end_queries_of(const std::string& session_id, const Environment& environment) {
    constexpr int most_looks = 60;
    constexpr std::chrono::milliseconds between_looks{500};
    Session other(environment);
    other.rows(fmt::format("SELECT SYSTEM$CANCEL_ALL_QUERIES({})", session_id), {});
    for (int look = 0; look < most_looks; ++look) {
        if (running_in(other, session_id).value_or("0") == "0") {
            return;
        }
        Clock::system()->sleep(between_looks, {});
    }
    throw errors::ExternalDatasourceError("the query was cancelled and still runs");
}

/// Leaves nothing that runs, and then nothing that was written.
void clean_up(const std::string& session_id, const Environment& environment, const UnloadLocation& location) noexcept {
    try {
        end_queries_of(session_id, environment);
    } catch (const std::exception& error) {
        try {
            logger::warning(fmt::format("Snowflake: the queries of session {} could not be cancelled: {}", session_id,
                                        error.what()));
        } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for the warning either
        }
    }
    CloudDir(location.client, location.bucket, location.directory).cleanup();
}

/// What COPY INTO says of the objects that it wrote: a row for each.
struct Written {
    std::uint64_t rows = 0;
    std::uint64_t objects = 0;
};
Written written(const ResultSet& objects) {
    Written result;
    for (const Value::Record& object : objects) {
        std::uint64_t rows = 0;
        const std::string text = text_of(object, "ROW_COUNT");
        const auto read = std::from_chars(text.data(), text.data() + text.size(), rows);
        if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) {
            throw errors::ExternalDatasourceError("Snowflake does not say how many rows it has written");
        }
        result.rows += rows;
        ++result.objects;
    }
    return result;
}

/// Without a row, no object either, or the rows in it would be missed.
void refuse_unknown_objects(const Written& result, const UnloadLocation& location, const std::stop_token& stop) {
    if (result.rows == 0 && result.objects == 0 &&
        !location.client->list(location.bucket, location.directory, stop).empty()) {
        throw errors::ExternalDatasourceError("Snowflake says that it has written nothing, and there are objects");
    }
}

ResultSet run(adbc::Connection& connection, const std::string& sql, const std::stop_token& stop) {
    const CancelOnStop cancel(connection, stop);
    try {
        ResultSet rows = read_all(connection.query(sql));
        if (stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        return rows;
    } catch (const errors::ExternalDatasourceError&) {
        if (stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        throw;
    }
}

std::vector<ResultColumn> result_columns(const std::vector<Column>& columns) {
    std::vector<ResultColumn> result;
    result.reserve(columns.size());
    for (const Column& column : columns) {
        result.push_back(
            {.name = column.name, .source_type = column.type, .valid_utf8 = true, .type = suggest_type(column).type});
    }
    return result;
}

/// A time-out of Snowflake's own, in whole seconds: the query ends there whatever becomes of this machine.
adbc::Source with_timeout(adbc::Source source, const SourceLimits& limits) {
    if (limits.statement_timeout) {
        source.database.emplace_back(
            "STATEMENT_TIMEOUT_IN_SECONDS",
            fmt::format("{}", std::chrono::ceil<std::chrono::seconds>(*limits.statement_timeout).count()));
    }
    return source;
}

}  // namespace

UnloadEstimate estimate(Session& session, const ExportRequest& request) {
    const std::vector<Column> columns = session.describe(request.query, request.stop);
    UnloadEstimate result{.columns = result_columns(columns), .not_by_bucket = not_unloadable(columns, request.format)};
    if (!result.not_by_bucket.empty() && not_unloadable(columns, Format::parquet).empty()) {
        result.instead = Format::parquet;
    }
    // https://docs.snowflake.com/en/sql-reference/sql/explain
    const Value plan = scalar(session.rows("EXPLAIN USING JSON" + embedded(request.query), request.stop));
    try {
        const std::string bytes = Value::from_json(plan.to_text()).at("GlobalStats").at("bytesAssigned").to_text();
        std::uint64_t number = 0;
        if (std::from_chars(bytes.data(), bytes.data() + bytes.size(), number).ec == std::errc()) {
            result.bytes_read = number;
        }
    } catch (const errors::InvalidArgument&) {
        logger::debug("Snowflake's plan does not say how much is read");
    }
    return result;
}

CloudDir unload(Session& session, const Stage& stage, const UnloadRequest& request) {
    const UnloadLocation& location = request.location;
    const std::vector<Column> columns = session.describe(request.query, request.stop);
    refuse_changed_columns(request.estimated, result_columns(columns));
    const std::string statement =
        copy_statement(fmt::format("{}/{}", stage.name, location.directory.substr(stage.bucket.key.size())),
                       request.format, in_our_notation(request.query, columns, request.columns, request.format));
    const adbc::Source source = with_timeout(session.source(), request.limits);
    // A session of its own: that is how the query is found again when its answer is lost.
    adbc::Connection connection =
        with_login(session.settings(), [&] { return adbc::Connection(source, session.environment()); });
    const std::string session_id = scalar(run(connection, "SELECT CURRENT_SESSION()", request.stop)).to_text();
    // A service that does not answer is waited for: who ends this before has to know what stays.
    const std::string said =
        fmt::format("Snowflake: the query is being cancelled, and what it has written to {} deleted",
                    location.client->uri(location.bucket, location.directory));
    const std::stop_callback on_stop(request.stop, [&said] { logger::info(said); });
    Written result;
    try {
        result = written(run(connection, statement, request.stop));
        refuse_unknown_objects(result, location, request.stop);
    } catch (...) {
        clean_up(session_id, session.environment(), location);
        throw;
    }
    logger::info(fmt::format("Snowflake has written {} rows to {}", result.rows,
                             location.client->uri(location.bucket, location.directory)));
    CloudDir directory(location.client, location.bucket, location.directory, request.format == Format::csv,
                       result.rows);
    directory.set_objects(result.objects);
    return directory;
}

}  // namespace tinybird_cdk::snowflake
