// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/gcs/api.hpp"

namespace tinybird_cdk::cloud::gcs {

/// Objects that are needed for a while. Those that were not removed are removed when this goes away. Thread-safe.
class Intermediates {
public:
    /// @param beside a key in the directory where they are to be
    Intermediates(Api& api, std::string_view bucket, std::string_view beside);
    ~Intermediates();
    Intermediates(const Intermediates&) = delete;
    Intermediates& operator=(const Intermediates&) = delete;

    /// The key of a new one, which is going to be removed whether it comes to be or not.
    std::string add();
    /// Removes them all, also when the caller was asked to stop. @return those that could not be, each with the reason:
    /// "KEY: why"
    std::vector<std::string> remove() noexcept;

private:
    Api& api_;
    const std::string bucket_;
    const std::string begin_;  ///< of their keys
    std::mutex mutex_;
    std::vector<std::string> keys_;
};

}  // namespace tinybird_cdk::cloud::gcs
