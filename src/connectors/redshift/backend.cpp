// SPDX-License-Identifier: Apache-2.0
#include "backend.hpp"

#include <chrono>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/record_batches.hpp>
#include <tinybird_cdk/retry.hpp>

#include "cancel_on_stop.hpp"

namespace tinybird_cdk::redshift {

std::string backend_of(adbc::Connection& connection, const std::stop_token& stop) {
    return stoppable(connection, stop, [&] {
        return scalar(read_all(connection.query("SELECT CAST(pg_backend_pid() AS INTEGER)"))).to_text();
    });
}

void end_backend(const std::string& backend, const Settings& settings, const Environment& environment) {
    constexpr std::chrono::seconds longest_statement{30};
    constexpr int most_looks = 60;
    constexpr std::chrono::milliseconds between_looks{500};
    adbc::Connection other(settings.source_for({.statement_timeout = longest_statement}), environment);
    // Each user may end sessions of their own
    // (https://docs.aws.amazon.com/redshift/latest/dg/PG_TERMINATE_BACKEND.html).
    other.execute(fmt::format("SELECT pg_terminate_backend({})", backend));
    // https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_HISTORY.html
    const std::string running = fmt::format(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM sys_query_history WHERE session_id = {} AND status IN ('planning', "
        "'queued', 'running', 'returning')",
        backend);
    for (int look = 0; look < most_looks; ++look) {
        if (scalar(read_all(other.query(running))).to_text() == "0") {
            return;
        }
        Clock::system()->sleep(between_looks, {});
    }
    throw errors::ExternalDatasourceError("its process was ended and still runs a query");
}

}  // namespace tinybird_cdk::redshift
