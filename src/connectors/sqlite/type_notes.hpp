// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <tinybird_cdk/type_notes.hpp>

namespace tinybird_cdk::sqlite {

/// Declared types of SQLite and what their columns may hold, read from a database in memory.
std::vector<TypeNote> type_notes();

}  // namespace tinybird_cdk::sqlite
