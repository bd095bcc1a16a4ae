// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tinybird_cdk::local {

/// Puts values in the place of ClickHouse's query parameters, {name:Type}. A value becomes CAST('…', 'Type'), so it can
/// be nothing but a value. @throws Refusal 400 when one has no value, or is of the type Identifier, which would name a
/// table behind the back of the checks
std::string with_parameters(std::string_view sql,
                            const std::function<std::optional<std::string>(const std::string&)>& value_of);

}  // namespace tinybird_cdk::local
