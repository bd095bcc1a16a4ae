// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/schema.hpp>

#include "column.hpp"

/// Numbers that Snowflake has and a narrower type of the data source has not. Pure.
namespace tinybird_cdk::snowflake {

/// The condition in SQL under which a number is none of the target's; empty: all of the column's are, or the pair is
/// not one of whole numbers and decimals.
/// @param value an expression of it; the condition is not true where it is NULL
std::string does_not_fit(const Column& column, const std::string& value, const schema::Type& target);

}  // namespace tinybird_cdk::snowflake
