// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include <tinybird_cdk/adbc.hpp>

/// What failures of queries mean, of which the driver gives no more than a text.
namespace tinybird_cdk::snowflake {

/// What a statement of the kit's own says of a value that its place in the data source can't hold.
inline constexpr std::string_view refused_value = "its place in the data source can't hold it";

/// The years of a moment with nine digits of a second, as such a statement has them.
inline constexpr std::string_view years_of_nanoseconds = "1900 to 2262";

/// What stands before the type of a number's place.
inline constexpr std::string_view none_of_the_numbers = " is none of the numbers of ";

/// And of a NULL.
inline constexpr std::string_view refused_null = "has NULL, and its place in the data source takes none";

/// Nothing: a refusal of Snowflake's, which another try does not change.
std::optional<adbc::Meaning> meaning_of(std::string_view text);

}  // namespace tinybird_cdk::snowflake
