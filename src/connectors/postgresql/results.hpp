// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tinybird_cdk/value.hpp>

#include "handles.hpp"

namespace tinybird_cdk::postgresql {

/// A result in text form as values: integers, floats and booleans as such, numerics as their digits, the rest as
/// PostgreSQL's text.
ResultSet rows_of(const PGresult* result);

}  // namespace tinybird_cdk::postgresql
