// SPDX-License-Identifier: Apache-2.0
#include "unload.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/record_batches.hpp>
#include <tinybird_cdk/retry.hpp>

#include "copy_sql.hpp"
#include "source.hpp"
#include "sql_text.hpp"
#include "type_map.hpp"
#include "wait_unless_stopped.hpp"
#include "written.hpp"

namespace tinybird_cdk::snowflake {

namespace {

/// Whether queries of a session still run (https://docs.snowflake.com/en/sql-reference/functions/query_history).
bool runs_on(Session& other, const std::string& session_id) {
    // By what is over: there are many states of what is not, and Snowflake adds some.
    return scalar(other.rows(fmt::format("SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION("
                                         "SESSION_ID => {})) WHERE COALESCE(UPPER(EXECUTION_STATUS), '') NOT IN "
                                         "('SUCCESS', 'FAILED_WITH_ERROR', 'FAILED_WITH_INCIDENT')",
                                         session_id),
                             {}))
               .to_text() != "0";
}

/// Ends what a session runs, by another session, and waits for that: the answer to the statement may be lost of one
/// that writes on. @throws errors::Error
void end_queries_of(const std::string& session_id, const Environment& environment) {
    constexpr int most_looks = 60;
    constexpr std::chrono::milliseconds between_looks{500};
    Session other(environment);
    other.rows(fmt::format("SELECT SYSTEM$CANCEL_ALL_QUERIES({})", session_id), {});
    // Without a database it can't be told: the function that tells belongs to one.
    if (scalar(other.rows("SELECT CURRENT_DATABASE()", {})).is_null()) {
        return;
    }
    for (int look = 0; look < most_looks; ++look) {
        if (!runs_on(other, session_id)) {
            return;
        }
        Clock::system()->sleep(between_looks, {});
    }
    throw errors::ExternalDatasourceError("the query was cancelled and still runs");
}

/// A token that has asked already: what is waited for has a limit from the begin.
std::stop_token already_stopped() {
    std::stop_source source;
    source.request_stop();
    return source.get_token();
}

/// Leaves nothing that runs, and then nothing that was written.
void clean_up(const std::string& session_id, const Environment& environment, const UnloadLocation& location) noexcept {
    constexpr std::chrono::minutes longest{2};
    try {
        std::string reason;
        try {
            wait_unless_stopped([session_id, environment] { end_queries_of(session_id, environment); },
                                already_stopped(), longest);
        } catch (const errors::InterruptedError&) {
            reason = "it does not answer";
        } catch (const std::exception& error) {
            reason = error.what();
        }
        if (!reason.empty()) {
            logger::warning(fmt::format(
                "Snowflake: the queries of session {}, which may still write to {}, could not be cancelled: {}",
                session_id, location.client->uri(location.bucket, location.directory), reason));
        }
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for the warning either
    }
    CloudDir(location.client, location.bucket, location.directory).cleanup();
}

std::vector<ResultColumn> result_columns(const std::vector<Column>& columns) {
    std::vector<ResultColumn> result;
    result.reserve(columns.size());
    for (const Column& column : columns) {
        // Snowflake calls columns of results NOT NULL that have NULL (snowflakedb/snowflake-jdbc#152).
        result.push_back({.name = column.name,
                          .source_type = column.type,
                          .valid_utf8 = true,
                          .type = suggest_type(column).type.with_nullable(true)});
    }
    return result;
}

/// What Snowflake's plan says (https://docs.snowflake.com/en/sql-reference/sql/explain). Nothing: it has none, which is
/// no reason against a load: the query itself was described.
std::optional<std::uint64_t> bytes_read(Session& session, const ExportRequest& request) {
    std::string why = "it does not say it";
    try {
        const Value plan = scalar(session.rows("EXPLAIN USING JSON" + embedded(request.query), request.stop));
        const std::string bytes = Value::from_json(plan.to_text()).at("GlobalStats").at("bytesAssigned").to_text();
        std::uint64_t number = 0;
        if (std::from_chars(bytes.data(), bytes.data() + bytes.size(), number).ec == std::errc()) {
            return number;
        }
    } catch (const errors::InvalidArgument&) {
        why = "it is none";
    } catch (const errors::ExternalDatasourceError& error) {
        if (error.retryable()) {
            throw;
        }
        why = error.what();
    }
    logger::debug(fmt::format("Snowflake's plan does not say how much is read: {}", why));
    return std::nullopt;
}

}  // namespace

UnloadEstimate estimate(Session& session, const ExportRequest& request) {
    const std::vector<Column> columns = session.describe(request.query, request.stop);
    UnloadEstimate result{.columns = result_columns(columns),
                          .not_by_bucket = not_unloadable(columns, request.format),
                          .refuses_nulls = true,
                          .refuses_numbers = true};
    if (!result.not_by_bucket.empty() && not_unloadable(columns, Format::parquet).empty()) {
        result.instead = Format::parquet;
    }
    result.bytes_read = bytes_read(session, request);
    return result;
}

CloudDir unload(Session& session, const Stage& stage, const UnloadRequest& request) {
    const UnloadLocation& location = request.location;
    const std::vector<Column> columns = session.describe(request.query, request.stop);
    refuse_changed_columns(request.estimated, result_columns(columns));
    const std::string statement =
        copy_statement(fmt::format("{}/{}", stage.name, location.directory.substr(stage.bucket.key.size())),
                       request.format, in_our_notation(request.query, columns, request.columns, request.format));
    const adbc::Source source = with_time_limits(session.source(), request.limits);
    // A session of its own: that is how the query is found again when its answer is lost.
    const std::shared_ptr<adbc::Connection> connection =
        connect(session.settings(), source, session.environment(), request.stop);
    const std::string session_id = scalar(rows_of(connection, "SELECT CURRENT_SESSION()", request.stop)).to_text();
    // A service that does not answer is waited for: who ends this before has to know what stays.
    const std::string said =
        fmt::format("Snowflake: the query is being cancelled, and what it has written to {} deleted",
                    location.client->uri(location.bucket, location.directory));
    const std::stop_callback on_stop(request.stop, [&said] { logger::warning(said); });
    Written result;
    try {
        result = written(rows_of(connection, statement, request.stop));
        check_objects(result, stage, request);
    } catch (...) {
        clean_up(session_id, session.environment(), location);
        throw;
    }
    logger::info(fmt::format("Snowflake has written {} rows to {}", result.rows,
                             location.client->uri(location.bucket, location.directory)));
    CloudDir directory(location.client, location.bucket, location.directory, false, result.rows);
    if (request.format == Format::csv) {
        directory.set_columns(request.column_names());
    }
    directory.set_objects(result.objects);
    return directory;
}

}  // namespace tinybird_cdk::snowflake
