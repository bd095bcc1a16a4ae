// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/warehouse_connector.hpp>

#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "framework/route_choice.hpp"

namespace tinybird_cdk {

Export WarehouseConnector::export_(const ExportRequest& request) {
    // Previews and queries of the kit's own look at values, whichever way a load goes.
    if (!request.purpose) {
        return direct_(request);
    }
    const framework::RouteRules rules{.route = route_,
                                      .has_bucket = location_().has_value(),
                                      .bucket_variable = bucket_variable_(),
                                      .limits = tb().configuration().limits};
    framework::RouteChoice choice = framework::choose_route(rules, request, [&] { return estimate_(request); });
    if (!choice.by_bucket) {
        if (rules.has_bucket && route_ == Route::automatic) {
            logger::info(fmt::format("the result is read directly, without the bucket: {}", choice.why));
        }
        return direct_(request);
    }
    logger::info(fmt::format("the result goes by the bucket: {}", choice.why));
    UnloadLocation location = *location_();
    location.directory += random_dirname() + "/";
    CloudDir directory = unload_({.query = request.query,
                                  .format = choice.format,
                                  .location = std::move(location),
                                  .stop = request.stop,
                                  .limits = request.limits,
                                  .columns = std::move(choice.columns)});
    directory.set_format(choice.format);
    return directory;
}

std::optional<QueryDescription> WarehouseConnector::describe_(const ExportRequest& request) {
    UnloadEstimate estimate = estimate_(request);
    const framework::RouteRules rules{.route = route_,
                                      .has_bucket = location_().has_value(),
                                      .bucket_variable = bucket_variable_(),
                                      .limits = tb().configuration().limits};
    const framework::RouteChoice choice = framework::choose_route(rules, request, [&] { return estimate; });
    return QueryDescription{.columns = estimate.columns,
                            .preview = {.via = choice.by_bucket ? "bucket" : "direct",
                                        .why = choice.why,
                                        .bytes_read = estimate.bytes_read,
                                        .format = choice.by_bucket ? choice.format : request.format,
                                        .billed = estimate.billed}};
}

}  // namespace tinybird_cdk
