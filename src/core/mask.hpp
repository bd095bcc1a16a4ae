// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tinybird_cdk::core {

/// Replaces what must not be shown by `***`. Thread-safe.
class Masker {
public:
    /// The one of the process, behind logger::remember_secret() and logger::mask().
    static Masker& instance();

    void remember(std::string_view secret);
    [[nodiscard]] std::string mask(std::string_view text) const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> secrets_;
};

}  // namespace tinybird_cdk::core
