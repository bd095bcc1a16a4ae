// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include <tinybird_cdk/adbc.hpp>

/// What failures mean, of which the driver gives no more than libpq's text and the server's.
namespace tinybird_cdk::redshift {

/// Nothing: as the driver has it.
std::optional<adbc::Meaning> meaning_of(std::string_view text);

}  // namespace tinybird_cdk::redshift
