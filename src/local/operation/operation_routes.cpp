// SPDX-License-Identifier: Apache-2.0
#include "local/server.hpp"

namespace tinybird_cdk::local {

void add_operation_routes(Router& router, Services& services, std::function<std::int64_t()> open_connections) {
    const auto health = [](Call&) { return json_answer({{"status", "ok"}}); };
    router.add("GET", "/health", health);
    router.add("GET", "/v0/health", health);
    router.add("GET", "/metrics", [&services, open = std::move(open_connections)](Call&) {
        Answer answer;
        answer.body = services.metrics.text(open());
        answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
        return answer;
    });
}

}  // namespace tinybird_cdk::local
