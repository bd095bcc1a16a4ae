// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <tinybird_cdk/errors.hpp>

#include "settings.hpp"

/// Why nobody was let in.
namespace tinybird_cdk::snowflake {

/// The code in a text of Snowflake's driver, as in "390100"; empty where it has none.
std::string code_in(std::string_view text);
/// Snowflake's code for a name of nothing, or of what the role may not see.
inline constexpr std::string_view does_not_exist = "002003";

/// Whether such a code is of the service. The driver has codes of its own, which it gives to failures of the network
/// too (https://github.com/snowflakedb/gosnowflake/blob/master/errors.go). False for an empty one.
bool is_of_service(std::string_view code);

/// The error with what to do about it; as it is when that is not known.
errors::ExternalDatasourceError explained(const errors::ExternalDatasourceError& error, const Settings& settings);

/// Runs what connects. @throws explained() errors
template <class Connecting>
std::invoke_result_t<Connecting> with_login(const Settings& settings, Connecting&& connecting) {
    try {
        return std::forward<Connecting>(connecting)();
    } catch (const errors::ExternalDatasourceError& error) {
        throw explained(error, settings);
    }
}

}  // namespace tinybird_cdk::snowflake
