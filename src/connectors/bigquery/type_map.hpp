// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/schema.hpp>

#include "field.hpp"

namespace tinybird_cdk::bigquery {

/// What holds a column, and what a person should know of it.
struct Suggestion {
    schema::Type type;
    std::string remark = {};
};

/// Pure. A type that the kit does not know is text.
Suggestion suggest_type(const Field& field);

}  // namespace tinybird_cdk::bigquery
