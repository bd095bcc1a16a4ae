// SPDX-License-Identifier: Apache-2.0
#include "local/operation/access_log.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/logger.hpp>

#include "local/catalog.hpp"

namespace tinybird_cdk::local {

void log_access(const Exchange& exchange, LogFormat format) {
    const double milliseconds = static_cast<double>(exchange.taken.count()) / 1000;
    std::string line;
    if (format == LogFormat::json) {
        line = nlohmann::ordered_json{{"time", timestamp_now()},
                                      {"request_id", exchange.id},
                                      {"remote", exchange.remote},
                                      {"method", exchange.method},
                                      // A token is a segment of the path in /v0/tokens/….
                                      {"path", logger::mask(exchange.path)},
                                      {"route", exchange.route},
                                      {"status", exchange.status},
                                      {"bytes_in", exchange.bytes_in},
                                      {"bytes_out", exchange.bytes_out},
                                      {"ms", milliseconds}}
                   .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    } else {
        line = fmt::format("{} {} {} {} {:.1f} ms", exchange.remote, exchange.method, exchange.target, exchange.status,
                           milliseconds);
    }
    // In one call, so that lines of threads don't mix.
    std::fputs((line + "\n").c_str(), stderr);
}

}  // namespace tinybird_cdk::local
