// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tinybird_cdk::cli {

/// What a connector makes of its source's types. @param output "text", "json", or "markdown" for a page of docs/types
/// @throws errors::UnknownConnectorError, errors::InvalidArgument for a connector that has no such table
std::string types_text(std::string_view connector, std::string_view output);

}  // namespace tinybird_cdk::cli
