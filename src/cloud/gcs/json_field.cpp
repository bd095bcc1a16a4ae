// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/json_field.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::cloud::gcs {

std::optional<std::string> text_field(const nlohmann::json& object, std::string_view name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().empty()) {
        return std::nullopt;
    }
    return found->get<std::string>();
}

std::string needed_field(const nlohmann::json& object, std::string_view name, std::string_view where) {
    auto value = text_field(object, name);
    if (!value) {
        throw errors::InvalidArgument(fmt::format("{} has no text \"{}\"", where, name),
                                      "Write the file anew, with gcloud or in Google's console.");
    }
    return std::move(*value);
}

std::optional<nlohmann::json> json_object(std::string_view text) {
    auto document = nlohmann::json::parse(text, nullptr, false);
    if (!document.is_object()) {
        return std::nullopt;
    }
    return document;
}

}  // namespace tinybird_cdk::cloud::gcs
