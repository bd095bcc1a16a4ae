// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/intermediates.hpp"

#include <exception>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

#include "cloud/gcs/objects.hpp"
#include "cloud/gcs/parallel.hpp"
#include "core/ids.hpp"

namespace tinybird_cdk::cloud::gcs {

Intermediates::Intermediates(Api& api, std::string_view bucket, std::string_view beside)
    : api_(api),
      bucket_(bucket),
      begin_(fmt::format("{}tb-cdk-{}-", beside.substr(0, beside.rfind('/') + 1), core::random_hex(24))) {}

Intermediates::~Intermediates() {
    for (const std::string& left : remove()) {
        try {
            logger::warning(fmt::format("left behind in {}: {}", uri_of(bucket_, ""), left));
        } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left to tell
        }
    }
}

std::string Intermediates::add() {
    const std::lock_guard lock(mutex_);
    keys_.push_back(fmt::format("{}{}", begin_, keys_.size()));
    return keys_.back();
}

std::vector<std::string> Intermediates::remove() noexcept {
    std::vector<std::string> left;
    try {
        std::vector<std::string> keys;
        {
            const std::lock_guard lock(mutex_);
            keys = std::exchange(keys_, {});
        }
        std::mutex left_mutex;
        in_parallel({.count = keys.size(), .threads = most_threads}, {}, [&](std::size_t i, const std::stop_token&) {
            try {
                remove_object(api_, bucket_, keys[i], "", {});
            } catch (const std::exception& error) {
                const std::lock_guard lock(left_mutex);
                left.push_back(fmt::format("{}: {}", keys[i], error.what()));
            }
        });
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for a list; what was done is done
    }
    return left;
}

}  // namespace tinybird_cdk::cloud::gcs
