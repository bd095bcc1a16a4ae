// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/connector.hpp>

#include <tinybird_cdk/errors.hpp>

#include "framework/guard.hpp"
#include "transfer/load.hpp"

namespace tinybird_cdk {

namespace {

/// A pre-signed URL must outlive the time a job may wait for its turn.
constexpr std::chrono::seconds url_life = std::chrono::hours(12);

}  // namespace

LoadResult CloudConnector::append(const std::string& bucket, const std::string& key, const std::string& data_source,
                                  const LoadOptions& options) {
    if (!options.replace_condition.empty()) {
        throw errors::InvalidArgument("append takes no replace condition", "Use replace.");
    }
    return framework::guard([&] {
        const auto target = transfer::find_target(tb(), data_source);
        // The object is the user's, so it is an Url: nothing is deleted afterwards.
        Export source = Url{client_().public_url(bucket, key, url_life)};
        return transfer::load(tb(), source, transfer::Mode::append, data_source, target, options);
    });
}

LoadResult CloudConnector::replace(const std::string& bucket, const std::string& key, const std::string& data_source,
                                   const LoadOptions& options) {
    return framework::guard([&] {
        const auto target = transfer::find_target(tb(), data_source);
        Export source = Url{client_().public_url(bucket, key, url_life)};
        return transfer::load(tb(), source, transfer::Mode::replace, data_source, target, options);
    });
}

}  // namespace tinybird_cdk
