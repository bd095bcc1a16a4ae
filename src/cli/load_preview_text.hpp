// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/load_preview.hpp>

namespace tinybird_cdk::cli {

/// What a load would do, for people and for programs.
std::string preview_text(const LoadPreview& preview);
std::string preview_json(const LoadPreview& preview);

}  // namespace tinybird_cdk::cli
