// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/config.hpp>

namespace tinybird_cdk::any_adbc {

/// @throws errors::MissingConfiguration without TB_CDK_ADBC_DRIVER, errors::InvalidArgument for options that can't be
/// read
adbc::Source source_from(const Environment& environment);

}  // namespace tinybird_cdk::any_adbc
