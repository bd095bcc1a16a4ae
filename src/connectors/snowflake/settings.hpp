// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/secret.hpp>

namespace tinybird_cdk::snowflake {

enum class LoginKind : std::uint8_t { password, key_pair, oauth, access_token };

/// What the environment says.
struct Settings {
    std::string account;  ///< as in "myorg-account1"
    std::string user;     ///< may be empty with OAuth
    LoginKind login = LoginKind::password;
    Secret secret;                                  ///< the password, the private key as PEM (PKCS #8), or the token
    Secret key_password;                            ///< of an encrypted private key
    std::string warehouse, database, schema, role;  ///< empty: the user's defaults
    std::string stage;                              ///< SF_STAGE; empty: the default one
    std::string workspace;  ///< TB_WORKSPACE_ID, which the default stage is named after; may be empty
    /// Of an emulator or a private link; empty: made from the account.
    std::string host, port, protocol;
    std::string tag;  ///< TB_CDK_TAG, as a query tag; may be empty
};

/// The variables that it reads.
std::span<const ConfigOption> options() noexcept;

/// @throws errors::MissingConfiguration for what is not set, errors::InvalidArgument for what means nothing, and for
/// more than one way to log in
Settings settings_from(const Environment& environment);

}  // namespace tinybird_cdk::snowflake
