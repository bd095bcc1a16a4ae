// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <tinybird_cdk/type_notes.hpp>

namespace tinybird_cdk::postgresql {

/// The types of PostgreSQL, with values in the form in which it sends them.
std::vector<TypeNote> type_notes();

}  // namespace tinybird_cdk::postgresql
