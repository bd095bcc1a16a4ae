// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <tinybird_cdk/secret.hpp>

/// The private key of a key pair (https://docs.snowflake.com/en/user-guide/key-pair-auth).
namespace tinybird_cdk::snowflake {

/// The text of a file that SF_PRIVATE_KEY_FILE names. @throws errors::InvalidArgument when it can't be read
std::string file_of_key(const std::string& path);

/// A key as the driver takes it. Line ends may be written as "\n", as environments of CI services have them.
/// @param variable where it comes from, for messages; nothing of the key is in them
/// @param password of an encrypted key; empty: there is none
/// @throws errors::InvalidArgument for what is no PEM of PKCS #8 or no RSA key, errors::MissingConfiguration for an
/// encrypted key without a password
Secret private_key(std::string pem, std::string_view variable, const std::string& password);

}  // namespace tinybird_cdk::snowflake
