// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace tinybird_cdk::cloud::gcs {

/// A field that is a text; nothing when it is not there, not a text, or empty.
std::optional<std::string> text_field(const nlohmann::json& object, std::string_view name);
/// The same for one that must be there. @param where names the document in the message
/// @throws errors::InvalidArgument
std::string needed_field(const nlohmann::json& object, std::string_view name, std::string_view where);
/// A JSON object. Nothing when the text is something else.
std::optional<nlohmann::json> json_object(std::string_view text);

}  // namespace tinybird_cdk::cloud::gcs
