// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <tinybird_cdk/record_batches.hpp>

#include "encode/column_rules.hpp"

namespace tinybird_cdk::encode::parquet {

/// How the values of a column stand in the file.
enum class Stored : std::uint8_t {
    integer,           ///< of 8 to 64 bits, signed
    unsigned_integer,  ///< likewise
    float32,
    float64,
    boolean,
    decimal,
    date,       ///< days
    timestamp,  ///< a point in time, in milli-, micro- or nanoseconds
    text,       ///< whatever ClickHouse reads from its text: strings, UUIDs, labels, wider integers, JSON, …
    list,
    record,
    map
};

/// Chosen such that ClickHouse casts what it reads to the column's type without loss.
Stored stored_as(const Rule& rule) noexcept;

/// Digits behind the second that the file has for a timestamp: 3, 6 or 9.
int fraction_digits(const Rule& rule) noexcept;

/// The Arrow type of a column, whose Parquet type follows from it.
/// @param schema is empty. @throws errors::Error when there is no memory
void describe(const Rule& rule, const std::string& name, ArrowSchema* schema);

/// That type for people, as in "decimal128(10, 2)".
std::string type_text(const Rule& rule);

/// The name of a tuple's member, which need not have one.
std::string member_name(const Rule& tuple, std::size_t place);

/// @throws errors::Error unless `code`, of nanoarrow, says that all is well
void check(int code);

}  // namespace tinybird_cdk::encode::parquet
