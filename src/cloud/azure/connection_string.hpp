// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "cloud/azure/account.hpp"

namespace tinybird_cdk::cloud::azure {

/// https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string
/// @throws errors::InvalidArgument that names what is wrong, and shows nothing of the text but names
Account parse_connection_string(std::string_view text);

/// Decodes the key of an account and has it remembered as a secret. @param variable where it stands, for messages
/// @throws errors::InvalidArgument when it is not base64
std::string decode_key(std::string_view text, std::string_view variable);
/// A signature as a variable holds it, with or without a question mark. Remembered as a secret.
std::string read_sas(std::string_view text, std::string_view variable);
/// An endpoint without the slash at its end. @throws errors::InvalidArgument for what is no http(s) URL
std::string read_endpoint(std::string_view text, std::string_view variable);
/// The endpoint of an account by its name. @throws errors::InvalidArgument for what can't be one, as a URL
std::string endpoint_of_account(std::string_view name, std::string_view protocol, std::string_view suffix,
                                std::string_view where);

}  // namespace tinybird_cdk::cloud::azure
