// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::mysql {

/// A column of a table, as information_schema.COLUMNS has it.
struct SourceType {
    std::string data_type;    ///< DATA_TYPE, in lower case: "decimal"
    std::string column_type;  ///< COLUMN_TYPE: "decimal(10,2) unsigned"
    int precision = 0;        ///< NUMERIC_PRECISION, or DATETIME_PRECISION of dates
    int scale = 0;            ///< NUMERIC_SCALE
};

struct TargetType {
    schema::Type type;
    std::string remark;  ///< what a person should know; may be empty
};

/// The ClickHouse type that holds every value of a MySQL type, or says in its remark what it can't hold. Not Nullable.
TargetType target_of(const SourceType& source);

}  // namespace tinybird_cdk::mysql
