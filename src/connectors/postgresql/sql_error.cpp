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
    constexpr std::array<std::string_view, 7> codes{"57P01", "57P02", "57P03", "57P05", "57014", "55P03", "25P03"};
    return sqlstate.starts_with("08") || sqlstate.starts_with("40") || sqlstate.starts_with("53") ||
           std::find(codes.begin(), codes.end(), sqlstate) != codes.end();
}

std::string field(const PGresult* result, int code) {
    const char* const text = PQresultErrorField(result, code);
    return text == nullptr ? std::string() : std::string(text);
}

/// What libpq says of a server that target_session_attrs=standby does not want.
constexpr std::string_view not_a_standby = "is not in hot standby mode";

/// libpq has no SQLSTATE for a connection that was not made, only the texts of its own and of the server.
bool says_what_stays_wrong(std::string_view text) {
    constexpr std::array<std::string_view, 13> phrases{"authentication failed",
                                                       "does not exist",
                                                       "no pg_hba.conf entry",
                                                       "no password supplied",
                                                       "permission denied",
                                                       "is not permitted to log in",
                                                       "definition of service",
                                                       "service file",
                                                       "unrecognized configuration parameter",
                                                       "invalid value for parameter",
                                                       "certificate verify failed",
                                                       "does not support SSL",
                                                       not_a_standby};
    return text.starts_with("invalid ") || std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) {
               return text.find(phrase) != std::string_view::npos;
           });
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

void throw_result(const PGresult* result, const SentQuery& query) {
    if (PQresultStatus(result) == PGRES_EMPTY_QUERY) {
        throw errors::InvalidArgument("the query is empty");
    }
    const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
    std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty()) {
        // libpq's own errors have no fields.
        message = PQresultErrorMessage(result);
    }
    std::string text = fmt::format("PostgreSQL: {}", one_line(message));
    if (const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) {
        text += fmt::format(" ({})", one_line(detail));
    }
    const std::string position = field(result, PG_DIAG_STATEMENT_POSITION);
    std::size_t place = 0;
    std::from_chars(position.data(), position.data() + position.size(), place);
    if (!query.text.empty() && place > query.prefix && place - query.prefix <= query.text.size() + 1) {
        text += fmt::format(", at {} of the query", place_in(query.text, place - query.prefix));
    }
    std::string hint = one_line(field(result, PG_DIAG_MESSAGE_HINT));
    if (hint.empty()) {
        hint = hint_for(sqlstate);
    }
    // An error without a code is libpq's: the connection broke.
    const bool temporary = sqlstate.empty() || is_temporary(sqlstate);
    throw errors::ExternalDatasourceError(text, sqlstate, hint,
                                          temporary ? errors::ExitCode::temporary : errors::ExitCode::bad_input);
}

void throw_connection(const PGconn* connection, bool connecting) {
    const std::string text = one_line(PQerrorMessage(connection));
    const bool refused = says_what_stays_wrong(text);
    const char* hint = connecting ? "Check PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD." : "Try again.";
    if (text.find(not_a_standby) != std::string::npos) {
        hint = "A replica was asked for, and this server is none: name one in PGHOST, or several hosts to choose from.";
    }
    throw errors::ExternalDatasourceError(
        fmt::format("PostgreSQL {}: {}", connecting ? "can't be reached" : "broke the connection", text), {}, hint,
        refused ? errors::ExitCode::bad_input : errors::ExitCode::temporary);
}

}  // namespace tinybird_cdk::postgresql
