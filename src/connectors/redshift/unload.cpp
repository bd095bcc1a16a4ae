// SPDX-License-Identifier: Apache-2.0
#include "unload.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cancel_on_stop.hpp"
#include "column.hpp"
#include "failure.hpp"
#include "sql_text.hpp"
#include "unload_sql.hpp"

namespace tinybird_cdk::redshift {

namespace {

/// What the server said. The driver puts the whole statement before it, which nobody wrote.
std::string server_text(std::string_view text) {
    std::size_t end = std::string_view::npos;
    for (const std::string_view mark : {std::string_view("': ERROR:"), std::string_view("': FATAL:")}) {
        if (const std::size_t at = text.rfind(mark); at != std::string_view::npos) {
            end = at + mark.size();
        }
    }
    if (end == std::string_view::npos) {
        return std::string(text);
    }
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return "Redshift: " + std::string(text);
}

/// Which query it was, as Redshift's system views have it. Nothing when it can't be told any more.
std::string query_hint(adbc::Connection& connection) {
    try {
        const ResultSet rows = read_all(connection.query("SELECT pg_last_query_id()"));
        const std::string id = rows.at(0).at(0).second.to_text();
        return fmt::format("Query {0}; Redshift has more of it: SELECT * FROM sys_query_history WHERE query_id = {0}",
                           id);
    } catch (const std::exception&) {
        return {};
    }
}

std::uint64_t run(adbc::Connection& connection, const std::string& statement, const std::stop_token& stop) {
    if (stop.stop_requested()) {
        throw errors::InterruptedError();
    }
    try {
        const CancelOnStop cancel(connection, stop);
        connection.execute(statement);
    } catch (const errors::InterruptedError& error) {
        if (stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        // Somebody else ended it: a time-out, or an administrator.
        throw errors::ExternalDatasourceError(server_text(error.what()), {}, query_hint(connection),
                                              errors::ExitCode::temporary);
    } catch (const errors::ExternalDatasourceError& error) {
        if (stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        const std::string query = query_hint(connection);
        throw errors::ExternalDatasourceError(
            server_text(error.what()), error.sqlstate(),
            query.empty() ? meaning_of(error.what()).value_or(adbc::Meaning{}).hint : query,
            says_refused(error.what()) ? errors::ExitCode::data_refused : error.exit_code());
    }
    if (stop.stop_requested()) {
        throw errors::InterruptedError();
    }
    const ResultSet rows = read_all(connection.query("SELECT pg_last_unload_count()"));
    return std::stoull(rows.at(0).at(0).second.to_text());
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
    const std::vector<Column> columns = describe(connection, request.query);
    UnloadEstimate estimate;
    estimate.result_bytes = result_bytes(connection, request.query);
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
    std::uint64_t rows = 0;
    try {
        adbc::Connection connection(settings.source_for(request.limits), environment);
        const std::vector<Column> columns = describe(connection, request.query);
        refuse_changed_columns(request.estimated, result_columns(columns));
        rows = run(connection,
                   unload_statement(in_our_notation(request.query, columns, request.columns, request.format),
                                    request.format, directory + "part_", settings.iam_role, settings.bucket_region),
                   request.stop);
    } catch (...) {
        // The connection is gone before this, and with it a statement that ran: it would write on.
        CloudDir(location.client, location.bucket, location.directory).cleanup();
        throw;
    }
    logger::info(fmt::format("Redshift has written {} rows to {}", rows, directory));
    return {location.client, location.bucket, location.directory, request.format == Format::csv, rows};
}

}  // namespace tinybird_cdk::redshift
