// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "tinybird/api.hpp"

namespace tinybird_cdk::tinybird {

/// Waits for jobs (https://www.tinybird.co/docs/api-reference/jobs-api). Thread-safe.
class Jobs {
public:
    Jobs(Api& api, const ClientOptions& options);

    /// Looks at the job until it ends. @return its last description
    /// @throws errors::JobError when it ended in `error` or was cancelled
    Response wait(const std::string& id, const std::stop_token& stop,
                  const std::function<void(std::string_view)>& on_status = {});

private:
    Api& api_;
    const std::shared_ptr<Clock> clock_;
    const std::chrono::milliseconds first_poll_;
    const std::chrono::milliseconds largest_poll_;
};

}  // namespace tinybird_cdk::tinybird
