// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace tinybird_cdk::local {

/// Writes a file that only its owner may read, anew and in one step. @throws errors::Error
void write_private_file(const std::filesystem::path& file, std::string_view text);

}  // namespace tinybird_cdk::local
