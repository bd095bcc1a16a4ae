// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "tinybird/api.hpp"

namespace tinybird_cdk::tinybird {

std::string path_of_job(std::string_view id);
/// A look at a job. `debug` asks for the blocks, which carry the counts of an import. Looking does nothing, so a server
/// that fails is asked again.
Call look_at_job(std::string_view id);
Call cancel_of_job(std::string_view id);

/// Waits for jobs (https://www.tinybird.co/docs/api-reference/jobs-api). Thread-safe.
class Jobs {
public:
    Jobs(Api& api, const ClientOptions& options);

    /// Looks at the job until it ends. @return its last description
    /// @throws errors::JobError when it ended in `error` or was cancelled
    Response wait(const std::string& id, const std::stop_token& stop,
                  const std::function<void(const Job&)>& on_job = {});
    Job get(const std::string& id);
    std::vector<Job> list();
    Job cancel(const std::string& id);
    /// @return the new job
    Job retry(const std::string& id);

private:
    Response look(const std::string& id, const std::stop_token& stop);
    [[nodiscard]] Job described(const Response& response, const std::string& id) const;

    Api& api_;
    const std::shared_ptr<Clock> clock_;
    const std::chrono::milliseconds first_poll_;
    const std::chrono::milliseconds largest_poll_;
};

}  // namespace tinybird_cdk::tinybird
