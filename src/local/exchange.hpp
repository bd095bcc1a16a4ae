// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tinybird_cdk::local {

/// One request with its answer, as the access log and the metrics see it.
struct Exchange {
    std::string id;      ///< also sent as X-Request-Id
    std::string remote;  ///< the address of the other side of the socket
    std::string method;
    std::string path;    ///< without the query, which may hold a token
    std::string target;  ///< with it, secrets masked
    std::string route;   ///< the pattern that answered; empty when none did
    int status = 0;
    std::uint64_t bytes_in = 0;  ///< of the body, as read
    std::uint64_t bytes_out = 0;
    std::chrono::microseconds taken{0};
};

}  // namespace tinybird_cdk::local
