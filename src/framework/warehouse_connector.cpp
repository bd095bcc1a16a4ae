// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/warehouse_connector.hpp>

#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk {

namespace {

/// Below it a result is read in less time than an unload takes to begin.
constexpr std::uint64_t direct_bytes = 1'000'000'000;

/// Why a result can't or need not go by a bucket; empty: it should.
std::string reason_for_direct(const UnloadEstimate& estimate) {
    if (!estimate.not_by_bucket.empty()) {
        return estimate.not_by_bucket;
    }
    if (estimate.bytes && *estimate.bytes < direct_bytes) {
        return fmt::format("about {} bytes", *estimate.bytes);
    }
    return {};
}

}  // namespace

Export WarehouseConnector::export_(const ExportRequest& request) {
    if (route_ == Route::direct || (route_ == Route::automatic && request.as_rows)) {
        return direct_(request);
    }
    std::optional<UnloadLocation> location = location_();
    if (!location) {
        if (route_ == Route::bucket) {
            throw errors::MissingConfiguration(bucket_variable_(), "It names the bucket that the warehouse writes to.");
        }
        return direct_(request);
    }
    // Previews and queries of the kit's own look at values, whichever way the load goes.
    if (request.as_rows) {
        return direct_(request);
    }
    location->directory += random_dirname() + "/";
    const UnloadRequest unload{.query = request.query,
                               .format = request.format,
                               .location = std::move(*location),
                               .stop = request.stop,
                               .limits = request.limits};
    const UnloadEstimate estimate = estimate_(unload);
    if (route_ == Route::bucket) {
        if (!estimate.not_by_bucket.empty()) {
            throw errors::InvalidArgument("the result can't go by a bucket: " + estimate.not_by_bucket,
                                          "Load it directly.");
        }
        return unload_(unload);
    }
    if (const std::string reason = reason_for_direct(estimate); !reason.empty()) {
        logger::info("the result is read directly, without the bucket: " + reason);
        return direct_(request);
    }
    return unload_(unload);
}

}  // namespace tinybird_cdk
