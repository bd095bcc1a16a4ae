// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <tinybird_cdk/schema.hpp>

#include "column_profile.hpp"

namespace tinybird_cdk::sqlite {

/// A column as its table declares it.
struct DeclaredColumn {
    std::string name;
    std::string type;         ///< any text, or none
    bool never_null = false;  ///< NOT NULL, or the number of the row (INTEGER PRIMARY KEY)
    bool in_key = false;      ///< part of the primary key
};

/// What SQLite makes of a declared type (https://www.sqlite.org/datatype3.html, section 3.1).
enum class Affinity { integer, text, blob, real, numeric };
Affinity affinity_of(std::string_view declared_type);

struct Suggestion {
    schema::Type type;
    std::string remark;  ///< empty: there is nothing to say
};

/// The type that holds each value of a column as it is: by what the column holds, then by what it declares.
Suggestion suggest_type(const DeclaredColumn& column, const ColumnProfile& profile);

}  // namespace tinybird_cdk::sqlite
