// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// Identifiers of accounts (https://docs.snowflake.com/en/user-guide/admin-account-identifier). Pure.
namespace tinybird_cdk::snowflake {

/// @throws errors::MissingConfiguration when it is empty, errors::InvalidArgument for a URL or a host
std::string account_identifier(std::string_view text);

/// Where Snowsight has the queries of an account: their ids follow, and "/detail". As in
/// "https://app.snowflake.com/myorg/account1/#/compute/history/queries/".
std::string queries_page(std::string_view account);

}  // namespace tinybird_cdk::snowflake
