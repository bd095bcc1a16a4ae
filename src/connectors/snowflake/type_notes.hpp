// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <tinybird_cdk/type_notes.hpp>

namespace tinybird_cdk::snowflake {

/// The types of Snowflake. No server is asked: values are those that its driver gives for the literals.
std::vector<TypeNote> type_notes();

}  // namespace tinybird_cdk::snowflake
