// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <mysql.h>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::mysql {

/// What the server says of a column of a result.
struct Field {
    std::string name;
    enum_field_types type = MYSQL_TYPE_NULL;
    bool is_unsigned = false;
    bool is_binary = false;  ///< of text types: bytes without a character set
    bool is_enum = false;
    bool is_set = false;
    bool may_be_null = true;
    bool is_auto_increment = false;
    unsigned int decimals = 0;  ///< digits of the fraction
    unsigned long length = 0;   ///< characters of the longest value as text; bits of a bit field
    /// MariaDB says more of types that go as text: "uuid", "inet6", and "json" as the format of a longtext.
    std::string extended_type;

    bool operator==(const Field&) const = default;
};

Field field_of(const MYSQL_FIELD& described);
/// The type, as a person would write it.
std::string shown_type(const Field& field);
/// The ClickHouse type that holds every value of the column, or all but what is a hazard. Not Nullable.
schema::Type type_of(const Field& field);

}  // namespace tinybird_cdk::mysql
