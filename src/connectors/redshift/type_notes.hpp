// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <tinybird_cdk/type_notes.hpp>

namespace tinybird_cdk::redshift {

/// What becomes of Redshift's types, each with values to show it by.
std::vector<TypeNote> type_notes();

}  // namespace tinybird_cdk::redshift
