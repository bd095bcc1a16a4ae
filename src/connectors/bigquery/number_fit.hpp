// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/schema.hpp>

#include "field.hpp"

/// Numbers that BigQuery has and a narrower type of the data source has not. Pure.
namespace tinybird_cdk::bigquery {

/// The condition in SQL under which a number is none of the target's; empty: all of the field's are, or the pair is not
/// one of whole numbers and decimals.
/// @param field INT64, NUMERIC or BIGNUMERIC, of which only values below 10^38 are asked about
/// @param value an expression of it; the condition is not true where it is NULL
std::string does_not_fit(const Field& field, const std::string& value, const schema::Type& target);

}  // namespace tinybird_cdk::bigquery
