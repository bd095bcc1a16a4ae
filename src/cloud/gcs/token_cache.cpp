// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/token_cache.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::cloud::gcs {

namespace {

/// As google-auth has it (REFRESH_THRESHOLD): the metadata server gives out the same token until 4 minutes before its
/// end.
constexpr std::chrono::seconds early{225};

}  // namespace

bool TokenCache::holds_for(std::chrono::seconds time) const {
    return !current_.text.empty() && clock_.wall_now() + time < current_.expires;
}

Secret TokenCache::token(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!fetched_.wait(lock, stop, [this] { return !fetching_; })) {
        throw errors::InterruptedError();
    }
    if (holds_for(early)) {
        return current_.text;
    }
    fetching_ = true;
    lock.unlock();
    const auto end = [&] {
        lock.lock();
        fetching_ = false;
        fetched_.notify_all();
    };
    try {
        Token fresh = source_.fetch(stop);
        end();
        current_ = std::move(fresh);
    } catch (const errors::ExternalDatasourceError& error) {
        end();
        if (!holds_for(std::chrono::seconds(0))) {
            throw;
        }
        logger::warning(fmt::format("{}; the old token still holds", error.what()));
    } catch (...) {
        end();
        throw;
    }
    return current_.text;
}

void TokenCache::discard(const Secret& token) {
    const std::lock_guard lock(mutex_);
    // Another thread may have a newer one already.
    if (current_.text.reveal() == token.reveal()) {
        current_ = {};
    }
}

}  // namespace tinybird_cdk::cloud::gcs
