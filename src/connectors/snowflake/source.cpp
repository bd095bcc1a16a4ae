// SPDX-License-Identifier: Apache-2.0
#include "source.hpp"

#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "account.hpp"
#include "failure.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::snowflake {

namespace {

void add_unless_empty(adbc::Options& options, std::string name, const std::string& value) {
    if (!value.empty()) {
        options.emplace_back(std::move(name), value);
    }
}

/// The driver's options (https://arrow.apache.org/adbc/current/driver/snowflake.html#client-options).
void add_login(adbc::Options& options, const Settings& settings) {
    constexpr const char* kind = "adbc.snowflake.sql.auth_type";
    constexpr const char* token = "adbc.snowflake.sql.client_option.auth_token";
    add_unless_empty(options, "username", settings.user);
    switch (settings.login) {
        case LoginKind::password:
            options.emplace_back("password", settings.secret.reveal());
            break;
        case LoginKind::key_pair:
            options.emplace_back(kind, "auth_jwt");
            options.emplace_back("adbc.snowflake.sql.client_option.jwt_private_key_pkcs8_value",
                                 settings.secret.reveal());
            add_unless_empty(options, "adbc.snowflake.sql.client_option.jwt_private_key_pkcs8_password",
                             settings.key_password.reveal());
            break;
        case LoginKind::oauth:
            options.emplace_back(kind, "auth_oauth");
            options.emplace_back(token, settings.secret.reveal());
            break;
        case LoginKind::access_token:
            options.emplace_back(kind, "auth_pat");
            options.emplace_back(token, settings.secret.reveal());
            break;
    }
}

/// What the driver does not know it hands to the session as a parameter
/// (https://docs.snowflake.com/en/sql-reference/parameters). An account or a user may have others than Snowflake's own,
/// and a value that a query makes text of would look different then.
void add_session_parameters(adbc::Options& options, const Settings& settings) {
    constexpr const char* moment = "YYYY-MM-DD HH24:MI:SS.FF9";
    constexpr const char* moment_of_zone = "YYYY-MM-DD HH24:MI:SS.FF9 TZHTZM";
    const std::pair<const char*, const char*> parameters[] = {
        {"TIMEZONE", "UTC"},
        {"DATE_OUTPUT_FORMAT", "YYYY-MM-DD"},
        {"TIME_OUTPUT_FORMAT", "HH24:MI:SS.FF9"},
        {"TIMESTAMP_OUTPUT_FORMAT", moment},
        {"TIMESTAMP_NTZ_OUTPUT_FORMAT", moment},
        {"TIMESTAMP_LTZ_OUTPUT_FORMAT", moment_of_zone},
        {"TIMESTAMP_TZ_OUTPUT_FORMAT", moment_of_zone},
        // The driver reads the bytes of small results from hexadecimal digits.
        {"BINARY_OUTPUT_FORMAT", "HEX"},
        {"GEOGRAPHY_OUTPUT_FORMAT", "WKT"},
        {"GEOMETRY_OUTPUT_FORMAT", "WKT"},
        // VARIANT on one line, and always JSON.
        {"JSON_INDENT", "0"},
        {"STRICT_JSON_OUTPUT", "true"},
        {"QUOTED_IDENTIFIERS_IGNORE_CASE", "false"},
        // Parquet has the types of the columns, not the smallest ones that an object's values fit.
        {"ENABLE_UNLOAD_PHYSICAL_TYPE_OPTIMIZATION", "false"},
        // Results come as Arrow, which is what the driver's values are right for, and all of them.
        {"GO_QUERY_RESULT_FORMAT", "ARROW"},
        {"ROWS_PER_RESULTSET", "0"},
        // Megabytes of a part of a result before compression, of which the driver holds several: the least that there
        // is, in place of 160. Accounts without the bundle 2026_04 have larger ones
        // (https://docs.snowflake.com/en/release-notes/bcr-bundles/2026_04/bcr-2319).
        {"CLIENT_RESULT_CHUNK_SIZE", "48"},
        // A query whose client is gone ends.
        {"ABORT_DETACHED_QUERY", "true"},
    };
    for (const auto& [name, value] : parameters) {
        options.emplace_back(name, value);
    }
    add_unless_empty(options, "QUERY_TAG", settings.tag);
}

}  // namespace

adbc::Source source_from(const Settings& settings) {
    adbc::Source source;
    source.driver = "snowflake";
    source.name = "Snowflake";
    adbc::Options& options = source.database;
    options.emplace_back("adbc.snowflake.sql.account", settings.account);
    add_login(options, settings);
    add_unless_empty(options, "adbc.snowflake.sql.warehouse", settings.warehouse);
    add_unless_empty(options, "adbc.snowflake.sql.db", settings.database);
    add_unless_empty(options, "adbc.snowflake.sql.schema", settings.schema);
    add_unless_empty(options, "adbc.snowflake.sql.role", settings.role);
    add_unless_empty(options, "adbc.snowflake.sql.uri.host", settings.host);
    add_unless_empty(options, "adbc.snowflake.sql.uri.port", settings.port);
    add_unless_empty(options, "adbc.snowflake.sql.uri.protocol", settings.protocol);
    options.emplace_back("adbc.snowflake.sql.client_option.app_name", "tinybird_cdk");
    options.emplace_back("adbc.snowflake.sql.client_option.disable_telemetry", "true");
    // The driver tries again until then, and its own default is five minutes.
    options.emplace_back("adbc.snowflake.sql.client_option.login_timeout", "30s");
    // Long loads: the session would end after four hours.
    options.emplace_back("adbc.snowflake.sql.client_option.keep_session_alive", "true");
    // Numbers as decimals, never as doubles.
    options.emplace_back("adbc.snowflake.sql.client_option.use_high_precision", "true");
    // All nine digits of a second; a year that they don't leave room for is an error and no other year.
    options.emplace_back("adbc.snowflake.sql.client_option.max_timestamp_precision", "nanoseconds_error_on_overflow");
    add_session_parameters(options, settings);
    // What is in memory: so many parts of a result at a time, each with so many batches. The driver's own defaults are
    // 10 and 200.
    source.statement = {{"adbc.snowflake.rpc.prefetch_concurrency", "2"}, {"adbc.rpc.result_queue_size", "2"}};
    source.tells_rows = true;
    source.on_failure = fmt::format("SELECT 'The query: ' || {} || LAST_QUERY_ID() || '/detail'",
                                    literal(queries_page(settings.account)));
    source.meaning = meaning_of;
    return source;
}

adbc::Source with_time_limits(adbc::Source source, const SourceLimits& limits) {
    if (limits.statement_timeout) {
        const std::string seconds =
            fmt::format("{}", std::chrono::ceil<std::chrono::seconds>(*limits.statement_timeout).count());
        source.database.emplace_back("STATEMENT_TIMEOUT_IN_SECONDS", seconds);
        source.database.emplace_back("STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", seconds);
    }
    return source;
}

}  // namespace tinybird_cdk::snowflake
