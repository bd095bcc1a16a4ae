// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// The names of objects that the kit makes for a while beside those of its users.
namespace tinybird_cdk::cloud {

/// A new key below a directory, which ends in a slash or is empty. @param like the result has its extensions
std::string temporary_key(std::string_view directory, std::string_view like);

/// Whether a key is one of these. A process that was killed may have left it, and its rows are those of other objects,
/// so no pattern may match it.
bool is_temporary(std::string_view key);

}  // namespace tinybird_cdk::cloud
