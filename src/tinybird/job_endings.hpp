// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tinybird/api.hpp"

namespace tinybird_cdk::tinybird {

/// What was seen of a job that was to end.
struct EndedJob {
    std::string id;
    Job job = {};                     ///< its last description; without a status when none was seen
    Response response = {};           ///< the same as it came
    bool waited = false;              ///< it was cancelled while it was seen waiting: nothing of it was read
    std::exception_ptr failure = {};  ///< of the last look, when none was seen
};

/// Ends jobs after a stop, or when they can't be looked at: what can't be stopped itself must end soon by itself. Each
/// call is short and made once; what is repeated is bounded all together. Thread-safe.
class JobEndings {
public:
    JobEndings(const config::Tinybird& configuration, const ClientOptions& options);

    /// Cancels jobs and waits for their ends: two minutes at most as long as Tinybird says that it works on them, and
    /// a quarter of a minute where it does not, or says nothing. Throws nothing of Tinybird's.
    std::vector<EndedJob> end(const std::vector<std::string>& ids);
    /// The imports of a URL, whatever its query is, that are in the list. Throws nothing of Tinybird's.
    /// @param looks how often to look, for a request whose answer is missing may still be on its way
    /// @return their ids, the latest first
    std::vector<std::string> find_imports(std::string_view url, std::string_view data_source, int looks);

private:
    struct Ending;

    void look(Ending& ending);
    void cancel(Ending& ending);

    Api api_;
    const std::shared_ptr<Clock> clock_;
    const std::chrono::milliseconds first_poll_;
    const std::chrono::milliseconds largest_poll_;
};

}  // namespace tinybird_cdk::tinybird
