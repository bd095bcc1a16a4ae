// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <tinybird_cdk/tinybird.hpp>

#include "helpers/fake_clock.hpp"
#include "helpers/scripted_server.hpp"

namespace tinybird_cdk::testing {

inline constexpr const char* test_token = "p.the-secret-token-of-the-tests";

inline config::Tinybird configuration_for(const std::string& endpoint) {
    config::Tinybird configuration;
    configuration.token = Secret(test_token);
    configuration.tag = "tests";
    configuration.endpoint = endpoint;
    // Pacing has its own tests; here it would wait for what other tests did.
    configuration.limits.imports_per_minute = 0;
    configuration.limits.event_bytes_per_second = 0;
    configuration.limits.event_requests_per_second = 0;
    return configuration;
}

/// A server that follows a script, and a client of it for which no time passes but by sleeping.
class ScriptedTinybird {
public:
    explicit ScriptedTinybird(ScriptedServer::Script script) : server(std::move(script)) {}
    explicit ScriptedTinybird(std::vector<Reply> replies) : server(std::move(replies)) {}

    tinybird::Client client(tinybird::ClientOptions options = {}) {
        options.clock = clock;
        options.jitter = [] { return 0.0; };
        return tinybird::Client(configuration_for(server.url()), std::move(options));
    }

    ScriptedServer server;
    std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
};

}  // namespace tinybird_cdk::testing
