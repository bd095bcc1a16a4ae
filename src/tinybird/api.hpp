// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "http/sender.hpp"

namespace tinybird_cdk::tinybird {

/// Parameters of a URL or form; values are encoded when they are put together.
using Parameters = std::vector<std::pair<std::string, std::string>>;
std::string encoded(const Parameters& parameters);

/// A call of the API before the token and the endpoint are added.
struct Call {
    std::string method = "GET";
    std::string path;  ///< begins with a slash, segments encoded
    Parameters parameters = {};
    Body* body = nullptr;
    std::string content_type = {};
    std::string content_encoding = {};
    bool idempotent = false;
    bool repeat_server_errors = false;
    std::stop_token stop = {};
    std::function<void(std::uint64_t)> on_sent = {};
    std::string data_source = {};  ///< for messages
};

/// Sends calls with the workspace's token and turns failures into errors. Thread-safe.
class Api {
public:
    Api(config::Tinybird configuration, const ClientOptions& options);

    /// @return an answer below 400. @throws errors::HTTPError and its siblings
    Response send(Call call);
    /// The same, but these statuses are answers too.
    Response send_unless(Call call, std::initializer_list<int> accepted);
    /// The answer's JSON. @throws errors::HTTPError when it is none, for then it is not Tinybird's
    Value send_for_json(Call call);

    /// An answer of any status, or 0: what it came to is in the decision. @throws errors::InterruptedError only
    http::Sent try_send(const Call& call);
    /// Throws what `send()` would have thrown.
    [[noreturn]] void fail(const Call& call, const http::Sent& sent) const;

    [[nodiscard]] const config::Tinybird& configuration() const noexcept { return configuration_; }

private:
    const config::Tinybird configuration_;
    http::Sender sender_;
};

}  // namespace tinybird_cdk::tinybird
