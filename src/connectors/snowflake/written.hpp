// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <stop_token>
#include <string>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "stage.hpp"

/// What a COPY INTO has written: what it says of it, and whether the objects are that.
namespace tinybird_cdk::snowflake {

/// What COPY INTO says of the objects that it wrote: a row for each.
struct Written {
    std::uint64_t rows = 0;
    std::uint64_t objects = 0;
    std::set<std::string, std::less<>> names;  ///< what their keys end in, behind the last slash
};

/// @throws errors::ExternalDatasourceError when it does not say it
Written written(const ResultSet& objects);

/// Leaves only what is named, and looks at the first object: whether it begins as the format does.
/// @throws errors::ExternalDatasourceError for objects that are not named, errors::InvalidArgument for a stage whose
/// objects nobody can read
void check_objects(const Written& result, const Stage& stage, const UnloadRequest& request);

}  // namespace tinybird_cdk::snowflake
