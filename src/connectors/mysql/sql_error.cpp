// SPDX-License-Identifier: Apache-2.0
#include "sql_error.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::mysql {

namespace {

constexpr unsigned int access_denied = 1045;
constexpr unsigned int access_to_database_denied = 1044;
constexpr unsigned int read_only_transaction = 1792;
constexpr unsigned int tls_failed = 2026;

std::string hint_for(unsigned int number, Doing doing) {
    switch (number) {
        case access_denied:
        case access_to_database_denied:
            return "Check MYSQL_USER, MYSQL_PWD or the option file, and what the user may connect to.";
        case 1142:  // SELECT denied on a table
        case 1143:  // on a column
            return "Grant the user SELECT on what the query reads.";
        case read_only_transaction:
            return "Queries run in a read-only transaction: the kit never changes the source.";
        case 1295:
            return "Load from a query; the server can't prepare this kind of statement.";
        case tls_failed:
            if (doing != Doing::connecting) {
                return "Try again.";
            }
            return "Check MYSQL_SSL_MODE, MYSQL_SSL_CA, and the name in the server's certificate.";
        default:
            break;
    }
    if (doing == Doing::connecting) {
        return "Check MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_UNIX_PORT, MYSQL_DATABASE, MYSQL_USER and MYSQL_PWD.";
    }
    return is_temporary(number) ? "Try again." : "";
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '\t', ' ');
    return text;
}

}  // namespace

bool is_temporary(unsigned int number) noexcept {
    // https://mariadb.com/kb/en/mariadb-error-codes/ and https://dev.mysql.com/doc/mysql-errors/8.4/en/
    constexpr std::array<unsigned int, 36> numbers{
        1020,                                      // record has changed since last read
        1037, 1038, 1041, 1135,                    // memory, threads
        1040, 1203, 1226,                          // connections, resources of the user
        1053, 1077, 1078, 1079,                    // the server stops
        1129,                                      // too many failed connects: blocked for now
        1152, 1158, 1159, 1160, 1161, 1184, 1927,  // the connection broke or was killed
        1205, 1206, 1213, 1614,                    // locks
        1317, 1969, 3024,                          // interrupted, timeouts of statements
        1412,                                      // the table was altered after the snapshot
        2002, 2003, 2005, 2006, 2012, 2013, 2055,  // libmariadb: not reached, lost
        4031};                                     // disconnected for inactivity
    return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

void throw_error(const SqlError& error, Doing doing) {
    // A connection that was made breaks as one of TLS when the server goes, which says nothing of certificates.
    const bool temporary = is_temporary(error.number) || (error.number == tls_failed && doing != Doing::connecting);
    const char* const what = doing == Doing::connecting ? "MySQL can't be reached: error" : "MySQL: error";
    throw errors::ExternalDatasourceError(fmt::format("{} {}: {}", what, error.number, one_line(error.message)),
                                          error.sqlstate, hint_for(error.number, doing),
                                          temporary ? errors::ExitCode::temporary : errors::ExitCode::bad_input);
}

}  // namespace tinybird_cdk::mysql
