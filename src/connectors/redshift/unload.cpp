// SPDX-License-Identifier: Apache-2.0
#include "unload.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "backend.hpp"
#include "cancel_on_stop.hpp"
#include "column.hpp"
#include "failure.hpp"
#include "manifest.hpp"
#include "numbers.hpp"
#include "sql_text.hpp"
#include "unload_sql.hpp"

namespace tinybird_cdk::redshift {

namespace {

/// What the names of the objects begin with.
constexpr const char* prefix = "part_";

/// What the server said, or libpq of the connection. The driver puts the whole statement before it, which nobody wrote.
std::string without_statement(std::string_view text, std::string_view statement) {
    const std::size_t at = text.find(statement);
    if (at == std::string_view::npos) {
        return std::string(text);
    }
    text.remove_prefix(at + statement.size());
    for (const std::string_view before : {"': ", "ERROR:", "FATAL:"}) {
        text.remove_prefix(text.starts_with(before) ? before.size() : 0);
    }
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return "Redshift: " + std::string(text);
}

/// Where Redshift has more of what a process ran. Its views number queries in several ways, and processes in one.
std::string query_hint(const std::string& backend) {
    return fmt::format("Redshift has more of it: SELECT * FROM sys_query_history WHERE session_id = {}", backend);
}

/// Whether a failure is the server's own word on a statement. What libpq says of a connection has no state, or one of
/// these classes: the statement may run on.
bool is_answer(std::string_view sqlstate) {
    constexpr std::string_view connection_exception = "08";
    constexpr std::string_view operator_intervention = "57P";
    return !sqlstate.empty() && !sqlstate.starts_with(connection_exception) &&
           !sqlstate.starts_with(operator_intervention);
}

/// @param runs whether the server may still write, also after a failure
void execute(adbc::Connection& connection, const std::string& statement, bool& runs) {
    runs = true;
    try {
        connection.execute(statement);
    } catch (const errors::InterruptedError&) {
        runs = false;  // The answer of a statement that was cancelled.
        throw;
    } catch (const errors::ExternalDatasourceError& error) {
        runs = !is_answer(error.sqlstate());
        throw;
    }
    runs = false;
}

/// @param backend the connection's process @param runs as above @return the rows that were written
std::uint64_t run(adbc::Connection& connection, const std::string& backend, const std::string& statement,
                  const std::stop_token& stop, bool& runs) {
    try {
        stoppable(connection, stop, [&] { execute(connection, statement, runs); });
    } catch (const errors::ExternalDatasourceError& error) {
        const std::string text = without_statement(error.what(), logger::mask(statement));
        const auto meaning = is_answer(error.sqlstate()) ? std::nullopt : meaning_of(text);
        throw errors::ExternalDatasourceError(text, error.sqlstate(), meaning ? meaning->hint : query_hint(backend),
                                              says_refused(text) ? errors::ExitCode::data_refused : error.exit_code());
    }
    const Value rows = stoppable(connection, stop,
                                 [&] { return scalar(read_all(connection.query("SELECT pg_last_unload_count()"))); });
    if (const auto number = number_in<std::uint64_t>(rows.to_text())) {
        return *number;
    }
    throw errors::ExternalDatasourceError("Redshift does not say how many rows it has written");
}

/// Leaves nothing that runs, and then nothing that was written.
void clean_up(const std::optional<std::string>& backend, const Settings& settings, const Environment& environment,
              const UnloadLocation& location) noexcept {
    if (backend) {
        try {
            logger::info(fmt::format("Redshift: process {} may still run, and is ended before what it wrote is deleted",
                                     *backend));
            end_backend(*backend, settings, environment);
        } catch (const std::exception& error) {
            try {
                logger::warning(fmt::format("Redshift: process {}, which may still write to {}, could not be ended: {}",
                                            *backend, location.client->uri(location.bucket, location.directory),
                                            error.what()));
            } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for the warning either
            }
        }
    }
    CloudDir(location.client, location.bucket, location.directory).cleanup();
}

/// The digits of a decimal in a result are not told. What is written is compared with what the target can have, so its
/// type is that.
std::optional<schema::Type> decimal_of(const ExportRequest& request, const std::string& name) {
    // Redshift's own limit, which the comparison is made within.
    constexpr int most_digits = 38;
    if (!request.purpose || !request.purpose->target) {
        return std::nullopt;
    }
    for (const schema::Column& column : request.purpose->target->columns) {
        if (column.name == name && column.type.kind() == schema::Kind::decimal &&
            column.type.precision() <= most_digits) {
            return column.type.with_nullable(true);
        }
    }
    return std::nullopt;
}

/// Those of decimals have no type.
std::vector<ResultColumn> result_columns(const std::vector<Column>& columns) {
    std::vector<ResultColumn> result;
    result.reserve(columns.size());
    for (const Column& column : columns) {
        result.push_back({.name = column.name, .source_type = column.type, .valid_utf8 = true, .type = column.holds});
    }
    return result;
}

bool has_upper_case(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// Redshift writes names in lower case, quoted or not, unless the session says otherwise, which would change what the
/// user's query means (https://docs.aws.amazon.com/redshift/latest/dg/r_names.html).
std::string name_not_written(const ExportRequest& request) {
    if (request.purpose && request.purpose->target) {
        for (const schema::Column& column : request.purpose->target->columns) {
            if (has_upper_case(column.name) || has_upper_case(column.jsonpath)) {
                return fmt::format("Redshift would write the name of column \"{}\" in lower case", column.name);
            }
        }
    }
    return {};
}

}  // namespace

UnloadEstimate estimate(const Settings& settings, const Environment& environment, const ExportRequest& request) {
    adbc::Connection connection(settings.source_for(request.limits), environment);
    const std::vector<Column> columns = describe(connection, request.query, request.stop);
    UnloadEstimate estimate;
    estimate.result_bytes = result_bytes(connection, request.query, request.stop);
    estimate.not_by_bucket = not_by_bucket(columns, request.format);
    if (!estimate.not_by_bucket.empty() && not_by_bucket(columns, Format::ndjson).empty()) {
        estimate.instead = Format::ndjson;
    }
    if (std::string name = name_not_written(request); !name.empty()) {
        estimate.not_by_bucket = std::move(name);
        estimate.instead.reset();
    }
    estimate.refuses_nulls = true;
    estimate.columns = result_columns(columns);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].kind == Kind::decimal) {
            estimate.columns[i].type = decimal_of(request, columns[i].name);
        }
    }
    return estimate;
}

CloudDir unload(const Settings& settings, const Environment& environment, const UnloadRequest& request) {
    const UnloadLocation& location = request.location;
    const std::string directory = fmt::format("s3://{}/{}", location.bucket, location.directory);
    auto connection = std::make_unique<adbc::Connection>(settings.source_for(request.limits), environment);
    const std::vector<Column> columns = describe(*connection, request.query, request.stop);
    refuse_changed_columns(request.estimated, result_columns(columns));
    const std::string statement =
        unload_statement(in_our_notation(request.query, columns, request.columns, request.format), request.format,
                         directory + prefix, settings.iam_role, settings.bucket_region);
    const std::string backend = backend_of(*connection, request.stop);
    // A service that does not answer is waited for: who ends this before has to know what stays.
    const std::string said =
        fmt::format("Redshift: process {} is being stopped, and what it has written to {} deleted", backend, directory);
    const std::stop_callback on_stop(request.stop, [&said] { logger::warning(said); });
    bool runs = false;
    try {
        const std::uint64_t rows = run(*connection, backend, statement, request.stop, runs);
        logger::info(fmt::format("Redshift has written {} rows to {}", rows, directory));
        CloudDir result(location.client, location.bucket, location.directory, request.format == Format::csv, rows);
        // Nothing is written for no rows, not even the list.
        if (rows > 0) {
            result.set_objects(take_manifest(*location.client, location.bucket,
                                             location.directory + prefix + "manifest", request.stop));
        }
        return result;
    } catch (...) {
        connection.reset();
        clean_up(runs ? std::optional(backend) : std::nullopt, settings, environment, location);
        throw;
    }
}

}  // namespace tinybird_cdk::redshift
