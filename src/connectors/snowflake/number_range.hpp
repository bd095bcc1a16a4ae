// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <tinybird_cdk/schema.hpp>

#include "column.hpp"

/// Numbers that their place in the data source may not hold. Pure.
namespace tinybird_cdk::snowflake {

/// As literals, with as many digits as any value between them.
struct NumberRange {
    std::string least;
    std::string most;
};

/// What a type holds of a column, where the column may have more. Nothing: it holds all of it, or there are values
/// between any two ends that it does not hold.
std::optional<NumberRange> range_to_check(const Column& column, const schema::Type& target);

}  // namespace tinybird_cdk::snowflake
