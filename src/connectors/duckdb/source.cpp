// SPDX-License-Identifier: Apache-2.0
#include "source.hpp"

#include <filesystem>
#include <string>
#include <system_error>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::duckdb {

namespace {

/// The library by its path, or by the name under which the system may know it.
std::string library(const Environment& environment) {
    if (const auto named = config::get_optional("DUCKDB_LIBRARY", environment); named && !named->empty()) {
        return *named;
    }
    if (const auto found = adbc::find_driver("duckdb", environment)) {
        return *found;
    }
    std::string of_checkout = TB_CDK_PROJECT_DUCKDB;
    std::error_code ignored;
    if (!of_checkout.empty() && std::filesystem::exists(of_checkout, ignored)) {
        return of_checkout;
    }
    return "duckdb";
}

}  // namespace

adbc::Source source_from(const Environment& environment) {
    const std::string path = config::get("DUCKDB_DATABASE", environment);
    if (path.empty()) {
        throw errors::MissingConfiguration("DUCKDB_DATABASE", "It is the path of the database file, or :memory:.");
    }
    adbc::Source source;
    source.driver = library(environment);
    source.entrypoint = "duckdb_adbc_init";
    source.name = "DuckDB";
    source.infinite_dates = true;
    source.database = {
        {"path", path},
        // Without it HUGEINT goes through a double, and UUID, BIT and TIMETZ lose what they are
        // (https://duckdb.org/docs/stable/configuration/overview, arrow_lossless_conversion).
        {"arrow_lossless_conversion", "true"},
    };
    if (!in_memory(environment)) {
        source.database.emplace_back("access_mode", "READ_ONLY");
    }
    // The first thread that fails interrupts the others, and one of those may be the first to report.
    source.vague_failure = "INTERRUPT Error";
    source.one_thread = {"SET threads = 1"};
    // TIMESTAMPTZ is shown in the time zone of the machine otherwise, where a query makes text of it.
    source.setup = {"SET TimeZone = 'UTC'"};
    return source;
}

bool in_memory(const Environment& environment) {
    return config::get("DUCKDB_DATABASE", environment) == ":memory:";
}

}  // namespace tinybird_cdk::duckdb
