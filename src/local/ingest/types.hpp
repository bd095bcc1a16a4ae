// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::local::ingest {

/// The type that values are made of, without what only says how they are stored: LowCardinality is gone, points and
/// polygons are tuples and arrays, SimpleAggregateFunction(sum, T) is T.
schema::Type plain_type(const schema::Type& type);

/// Whether values have parts: arrays, tuples and maps.
bool is_nested(const schema::Type& plain);

/// The same shape with Nullable(String) for every value in it; a map is an array of pairs.
schema::Type staged_type(const schema::Type& plain);

/// The type in which the fast path hands values over: enums go as their labels, which ClickHouse turns into enums.
schema::Type carried_type(const schema::Type& plain);

/// The labels and numbers of an enum, as texts.
std::vector<std::string> enum_texts(const schema::Type& type);

}  // namespace tinybird_cdk::local::ingest
