// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/warehouse_connector.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "framework/route_choice.hpp"

namespace tinybird_cdk {

namespace {

bool is_same(const ResultColumn& before, const ResultColumn& now) {
    const bool same_type = !before.type || !now.type || *before.type == *now.type;
    return before.name == now.name && before.source_type == now.source_type && same_type;
}

std::string described(const std::vector<ResultColumn>& columns, std::size_t at) {
    return at < columns.size() ? fmt::format("\"{}\" of type {}", columns[at].name, columns[at].source_type)
                               : std::string("none");
}

/// Signs what an unload could be given: with the keys of a cloud it may be a call of its own, and may be refused.
void sign_probe(const UnloadLocation& location) {
    static_cast<void>(
        location.client->public_url(location.bucket, location.directory + "probe", std::chrono::seconds(1)));
}

}  // namespace

std::vector<std::string> UnloadRequest::column_names() const {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (const OutputColumn& column : columns) {
        names.push_back(column.name);
    }
    return names;
}

void refuse_changed_columns(const std::vector<ResultColumn>& estimated, const std::vector<ResultColumn>& found) {
    for (std::size_t at = 0; at < std::max(estimated.size(), found.size()); ++at) {
        if (at < estimated.size() && at < found.size() && is_same(estimated[at], found[at])) {
            continue;
        }
        throw errors::ExternalDatasourceError(
            fmt::format("the columns of the query have changed while the load was prepared: column {} was {} and is {}",
                        at + 1, described(estimated, at), described(found, at)),
            {}, "Somebody has changed what it reads. Run the load again.", errors::ExitCode::temporary);
    }
}

Export WarehouseConnector::export_(const ExportRequest& request) {
    // Previews and queries of the kit's own look at values, whichever way a load goes.
    if (!request.purpose) {
        return direct_(request);
    }
    // Who asks for the direct way need not have a bucket that works.
    const bool has_bucket = route_ != Route::direct && location_().has_value();
    const framework::RouteRules rules{.route = route_,
                                      .has_bucket = has_bucket,
                                      .bucket_variable = bucket_variable_(),
                                      .limits = tb().configuration().limits};
    std::vector<ResultColumn> estimated;
    framework::RouteChoice choice = framework::choose_route(
        rules, request,
        [&] {
            UnloadEstimate estimate = estimate_(request);
            estimated = estimate.columns;
            return estimate;
        },
        [this] { sign_probe(*location_()); });
    if (!choice.by_bucket) {
        if (rules.has_bucket && route_ == Route::automatic) {
            logger::info(fmt::format("the result is read directly, without the bucket: {}", choice.why));
        }
        return direct_(request);
    }
    logger::info(fmt::format("the result goes by the bucket: {}", choice.why));
    if (!choice.warning.empty()) {
        logger::warning(choice.warning);
    }
    UnloadLocation location = *location_();
    location.directory += random_dirname() + "/";
    CloudDir directory = unload_({.query = request.query,
                                  .format = choice.format,
                                  .location = std::move(location),
                                  .stop = request.stop,
                                  .limits = request.limits,
                                  .columns = std::move(choice.columns),
                                  .estimated = std::move(estimated)});
    directory.set_format(choice.format);
    return directory;
}

std::optional<QueryDescription> WarehouseConnector::describe_(const ExportRequest& request) {
    UnloadEstimate estimate = estimate_(request);
    const bool has_bucket = route_ != Route::direct && location_().has_value();
    const framework::RouteRules rules{.route = route_,
                                      .has_bucket = has_bucket,
                                      .bucket_variable = bucket_variable_(),
                                      .limits = tb().configuration().limits};
    framework::RouteChoice choice = framework::choose_route(
        rules, request, [&] { return estimate; }, [this] { sign_probe(*location_()); });
    if (!choice.warning.empty()) {
        choice.why += "; " + choice.warning;
    }
    return QueryDescription{.columns = estimate.columns,
                            .preview = {.via = choice.by_bucket ? "bucket" : "direct",
                                        .why = choice.why,
                                        .bytes_read = estimate.bytes_read,
                                        .format = choice.by_bucket ? choice.format : request.format,
                                        .billed = estimate.billed}};
}

}  // namespace tinybird_cdk
