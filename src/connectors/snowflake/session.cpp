// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <algorithm>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/record_batches.hpp>

#include "cancel_on_stop.hpp"
#include "login.hpp"
#include "read_sql.hpp"
#include "source.hpp"
#include "sql_text.hpp"
#include "wait_unless_stopped.hpp"

namespace tinybird_cdk::snowflake {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

Session::Session(const Environment& environment)
    : environment_(environment), settings_(settings_from(environment)), source_(source_from(settings_)) {}

ResultSet Session::rows(const std::string& sql, const std::stop_token& stop) {
    if (stop.stop_requested()) {
        throw errors::InterruptedError();
    }
    if (!connection_) {
        connection_ = connect(settings_, with_time_limits(source_, limits_), environment_, stop);
    }
    try {
        return rows_of(connection_, sql, stop);
    } catch (const errors::InterruptedError&) {
        // It may be at work still.
        connection_.reset();
        throw;
    }
}

void Session::keep_to(const SourceLimits& limits) {
    if (limits.statement_timeout != limits_.statement_timeout) {
        limits_ = limits;
        // They are told with the login.
        connection_.reset();
    }
}

std::vector<Column> Session::describe(const std::string& query, const std::stop_token& stop) {
    refuse_other_statements(query);
    rows(columns_only(query), stop);
    // The driver tells of a result neither how many digits a second has nor what a text is the text of.
    return columns_of(rows("DESCRIBE RESULT LAST_QUERY_ID()", stop));
}

std::shared_ptr<adbc::Connection> connect(const Settings& settings, const adbc::Source& source,
                                          const Environment& environment, const std::stop_token& stop) {
    constexpr std::chrono::milliseconds at_once{0};
    return with_login(settings, [&] {
        return wait_unless_stopped(
            [source, environment] { return std::make_shared<adbc::Connection>(source, environment); }, stop, at_once);
    });
}

ResultSet rows_of(const std::shared_ptr<adbc::Connection>& connection, const std::string& sql,
                  const std::stop_token& stop) {
    const CancelOnStop cancel(*connection, stop);
    try {
        ResultSet rows =
            wait_unless_stopped([connection, sql] { return read_all(connection->query(sql)); }, stop, wait_for_cancel);
        // Of a cancelled query the driver may give an end and no failure.
        if (stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        return rows;
    } catch (const errors::ExternalDatasourceError&) {
        // Not every driver calls a cancelled query cancelled.
        if (stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        throw;
    }
}

std::string text_of(const Value::Record& row, std::string_view field) {
    // Snowflake writes the names of such columns in small or large letters, as the statement has it.
    const auto found = std::find_if(row.begin(), row.end(), [&](const auto& one) {
        return std::equal(one.first.begin(), one.first.end(), field.begin(), field.end(),
                          [](char a, char b) { return lower(a) == lower(b); });
    });
    return found == row.end() || found->second.is_null() ? std::string() : found->second.to_text();
}

std::vector<Column> columns_of(const ResultSet& described) {
    std::vector<Column> columns;
    for (const Value::Record& row : described) {
        columns.push_back(column_of(text_of(row, "name"), text_of(row, "type"), text_of(row, "null?") != "N"));
        columns.back().primary_key = text_of(row, "primary key") == "Y";
    }
    return columns;
}

void refuse_other_statements(std::string_view statement) {
    if (kind_of(statement) != StatementKind::query) {
        throw errors::InvalidArgument("the statement is no SELECT",
                                      "The connector reads and never writes: pass a SELECT.");
    }
}

}  // namespace tinybird_cdk::snowflake
