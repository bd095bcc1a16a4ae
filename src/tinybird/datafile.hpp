// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "tinybird/api.hpp"

namespace tinybird_cdk::tinybird {

/// The parameters of POST /v0/datasources that say the same as a `.datasource` file
/// (https://www.tinybird.co/docs/forward/dev-reference/datafiles/datasource-files): schema, engine, engine_*,
/// description. Its tokens, tags and connectors are of no concern here. @throws errors::InvalidArgument
Parameters parameters_of_datafile(std::string_view text);

}  // namespace tinybird_cdk::tinybird
