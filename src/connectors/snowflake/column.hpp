// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tinybird_cdk::snowflake {

enum class ColumnKind : std::uint8_t {
    number,
    decfloat,
    real,
    boolean,
    text,
    binary,
    date,
    time,
    timestamp_ntz,
    timestamp_ltz,
    timestamp_tz,
    semi_structured,  ///< VARIANT, OBJECT, ARRAY, MAP, with or without the types of their members
    spatial,          ///< GEOGRAPHY, GEOMETRY
    vector,
    printable,  ///< INTERVAL, UUID, PERIOD: of use as text only
    other
};

/// A column as DESCRIBE has it.
struct Column {
    std::string name = {};
    std::string type = {};  ///< as in "NUMBER(38,0)"
    ColumnKind kind = ColumnKind::other;
    int precision = 0;  ///< digits in all, of a number
    int scale = 0;      ///< digits behind the point: of a number, of a second
    bool nullable = true;
    bool primary_key = false;
};

/// @param type as DESCRIBE TABLE and DESCRIBE RESULT write it
/// (https://docs.snowflake.com/en/sql-reference/intro-summary-data-types)
Column column_of(std::string name, std::string type, bool nullable);

}  // namespace tinybird_cdk::snowflake
