// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include <tinybird_cdk/schema.hpp>

#include "local/engine.hpp"

namespace tinybird_cdk::local {

/// The columns of a data source for events like these, guessed from the first ones. Objects are taken apart, as in
/// `user_id` with the jsonpath $.user.id; what is not in all of them may be NULL.
/// @param scratch a folder for a file that is gone at the end
/// @throws Refusal 400 when there is no event to guess from
std::vector<schema::Column> inferred_columns(Engine& engine, const std::filesystem::path& scratch,
                                             std::string_view body);

}  // namespace tinybird_cdk::local
