// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <tinybird_cdk/type_notes.hpp>

namespace tinybird_cdk::mysql {

/// The types of MySQL and MariaDB, with values in the form in which they send them.
std::vector<TypeNote> type_notes();

}  // namespace tinybird_cdk::mysql
