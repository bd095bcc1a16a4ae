// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/schema.hpp>

#include "column.hpp"

namespace tinybird_cdk::snowflake {

struct Suggestion {
    schema::Type type;
    std::string remark = {};
};

/// The ClickHouse type that holds every value of a column, or as many as any does; the remark says which it does not.
Suggestion suggest_type(const Column& column);

}  // namespace tinybird_cdk::snowflake
