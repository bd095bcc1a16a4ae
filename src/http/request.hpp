// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinybird_cdk/body.hpp>

namespace tinybird_cdk::http {

/// One call of a server. Values only, but for the body and what is called back.
struct Request {
    std::string method = "GET";
    std::string url;
    /// Sent to the URL's own host only, never along with a redirect to another one.
    std::vector<std::pair<std::string, std::string>> headers;
    Body* body = nullptr;  ///< none: the request has no body
    bool idempotent = false;
    /// On a connection of its own. libcurl repeats a request by itself when a kept one turns out to be closed, even if
    /// the server has carried it out: for what must not be done twice without the caller's knowing.
    bool fresh_connection = false;
    /// An answer that says that it is compressed is decompressed.
    bool decode = true;
    bool repeat_server_errors = false;  ///< 5xx means that nothing was done, so it is tried again
    std::stop_token stop;
    std::function<void(std::uint64_t)> on_sent;

    [[nodiscard]] bool read_only() const { return method == "GET" || method == "HEAD"; }
};

struct Response {
    int status = 0;                                            ///< 0: no answer
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::string body;
    bool request_sent = false;  ///< the whole request left, so the server may have carried it out
    std::string failure;        ///< why there is no answer, in libcurl's words

    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
        for (const auto& [known, value] : headers) {
            if (known == name) {
                return value;
            }
        }
        return std::nullopt;
    }
};

/// How connections are made. Proxies are those of libcurl's variables, but a server on this machine needs none.
struct Settings {
    std::chrono::milliseconds connect{10'000};
    std::chrono::milliseconds idle{300'000};  ///< no byte either way
    std::string ca_file = {};  ///< PEM certificates to trust instead of the system's; empty: the system's
};

}  // namespace tinybird_cdk::http
