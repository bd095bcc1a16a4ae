// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <mysql.h>

namespace tinybird_cdk::mysql {

/// What the server says of a column of a result.
struct Field {
    std::string name;
    enum_field_types type = MYSQL_TYPE_NULL;
    bool is_unsigned = false;
    bool is_binary = false;  ///< of text types: bytes without a character set
    bool is_enum = false;
    bool is_set = false;
    unsigned int decimals = 0;  ///< digits of the fraction
    /// MariaDB says more of types that go as text: "uuid", "inet6", and "json" as the format of a longtext.
    std::string extended_type;

    bool operator==(const Field&) const = default;
};

Field field_of(const MYSQL_FIELD& described);
/// The type, as a person would write it.
std::string shown_type(const Field& field);

}  // namespace tinybird_cdk::mysql
