// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/limits.hpp>
#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

/// Which way a warehouse's result takes (docs/adr/0025). Pure, but for the estimate.
namespace tinybird_cdk::framework {

/// What the choice depends on besides the load.
struct RouteRules {
    Route route = Route::automatic;
    bool has_bucket = false;
    std::string_view bucket_variable;  ///< that names it
    Limits limits;
};

struct RouteChoice {
    bool by_bucket = false;
    std::string why;                         ///< for people
    std::string warning = {};                ///< by the bucket: what may end the load after the unload; empty: nothing
    Format format = Format::csv;             ///< by the bucket: of the objects
    std::vector<OutputColumn> columns = {};  ///< by the bucket: how they are to be written
};

/// @param request with a purpose @param estimate asked for when it matters @param sign asked last, before the result
/// would go by the bucket: throws errors::Error when no URL of an object there can be signed, without which the unload
/// would be for nothing. What may pass by itself is thrown on
/// @throws errors::InvalidArgument or errors::MissingConfiguration when the bucket was asked for and can't be taken;
/// errors::SchemaMismatchError when no way can be
RouteChoice choose_route(const RouteRules& rules, const ExportRequest& request,
                         const std::function<UnloadEstimate()>& estimate, const std::function<void()>& sign);

}  // namespace tinybird_cdk::framework
