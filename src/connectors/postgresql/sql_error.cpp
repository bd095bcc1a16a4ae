// SPDX-License-Identifier: Apache-2.0
#include "sql_error.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::postgresql {

namespace {

/// Worth another try (https://www.postgresql.org/docs/current/errcodes-appendix.html): connection exceptions,
/// serialisation failures, lack of resources, a server that starts or stops, timeouts and cancels by the server.
bool is_temporary(std::string_view sqlstate) {
    constexpr std::array<std::string_view, 6> codes{"57P01", "57P02", "57P03", "57014", "55P03", "25P03"};
    return sqlstate.starts_with("08") || sqlstate.starts_with("40") || sqlstate.starts_with("53") ||
           std::find(codes.begin(), codes.end(), sqlstate) != codes.end();
}

std::string field(const PGresult* result, int code) {
    const char* const text = PQresultErrorField(result, code);
    return text == nullptr ? std::string() : std::string(text);
}

/// The line breaks of a message would make it several lines.
std::string one_line(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
        text.pop_back();
    }
    std::size_t position = 0;
    while ((position = text.find('\n', position)) != std::string::npos) {
        text.replace(position, 1, "; ");
    }
    std::replace(text.begin(), text.end(), '\t', ' ');
    return text;
}

std::string hint_for(std::string_view sqlstate) {
    if (sqlstate == "25006") {
        return "Queries run in a read-only transaction: the kit never changes the source.";
    }
    if (sqlstate.starts_with("28")) {
        return "Check PGUSER, PGPASSWORD or the password file.";
    }
    if (sqlstate == "42501") {
        return "Grant the user SELECT on what the query reads.";
    }
    return {};
}

}  // namespace

void throw_result(const PGresult* result, std::string_view query, std::size_t prefix) {
    const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
    std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty()) {
        message = PQresultErrorMessage(result);
    }
    std::string text = fmt::format("PostgreSQL: {}", one_line(message));
    if (const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) {
        text += fmt::format(" ({})", one_line(detail));
    }
    const std::string position = field(result, PG_DIAG_STATEMENT_POSITION);
    std::size_t place = 0;
    std::from_chars(position.data(), position.data() + position.size(), place);
    if (!query.empty() && place > prefix && place - prefix <= query.size() + 1) {
        text += fmt::format(", at {} of the query", place_in(query, place - prefix));
    }
    std::string hint = one_line(field(result, PG_DIAG_MESSAGE_HINT));
    if (hint.empty()) {
        hint = hint_for(sqlstate);
    }
    throw errors::ExternalDatasourceError(
        text, sqlstate, hint, is_temporary(sqlstate) ? errors::ExitCode::temporary : errors::ExitCode::bad_input);
}

void throw_connection(const PGconn* connection, bool connecting) {
    const std::string text = one_line(PQerrorMessage(connection));
    // A refused login has no SQLSTATE in libpq's interface; its text is the server's own.
    const bool refused =
        text.find("authentication failed") != std::string::npos || text.find("FATAL:  role") != std::string::npos ||
        text.find("FATAL:  database") != std::string::npos || text.find("no pg_hba.conf entry") != std::string::npos ||
        text.find("no password supplied") != std::string::npos ||
        text.find("definition of service") != std::string::npos || text.find("invalid ") == 0;
    throw errors::ExternalDatasourceError(
        fmt::format("PostgreSQL {}: {}", connecting ? "can't be reached" : "broke the connection", text), {},
        connecting ? "Check PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD." : "Try again.",
        refused ? errors::ExitCode::bad_input : errors::ExitCode::temporary);
}

}  // namespace tinybird_cdk::postgresql
