// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>

#include <fmt/format.h>

#include "local/server.hpp"

namespace tinybird_cdk::local {

/// The data source with the right to change it, for as long as this is held.
class HeldSource {
public:
    HeldSource(Services& services, Call& call)
        : lock_(services.catalog.write_lock(data_source_of(services, call).name)),
          guard_(*lock_),
          // It may have changed while others had the lock.
          source_(data_source_of(services, call)) {
        if (services.catalog.write_lock(source_.name) != lock_) {
            throw Refusal(409,
                          fmt::format("Data Source \"{}\" has got another name meanwhile: try again", source_.name));
        }
    }
    [[nodiscard]] const DataSource& operator*() const noexcept { return source_; }
    [[nodiscard]] const DataSource* operator->() const noexcept { return &source_; }

private:
    const std::shared_ptr<std::mutex> lock_;
    const std::lock_guard<std::mutex> guard_;
    const DataSource source_;
};

}  // namespace tinybird_cdk::local
