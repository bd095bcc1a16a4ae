// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/schema.hpp>

#include "oids.hpp"

namespace tinybird_cdk::postgresql {

/// A type of a table's column, domains resolved.
struct SourceType {
    oid::Oid type = 0;
    int modifier = -1;     ///< atttypmod
    char kind = 'b';       ///< pg_type.typtype
    oid::Oid element = 0;  ///< of an array, domains resolved
    char element_kind = 'b';
    int dimensions = 0;   ///< as declared; PostgreSQL does not enforce it
    int money_scale = 2;  ///< digits behind the point that lc_monetary gives money
};

struct TargetType {
    schema::Type type;
    std::string remark;  ///< what a person should know; may be empty
};

/// The ClickHouse type that holds every value of a PostgreSQL type, or says in its remark what it can't hold. Not
/// Nullable; elements of arrays are, for PostgreSQL's arrays may always hold NULL.
TargetType target_of(const SourceType& source);

}  // namespace tinybird_cdk::postgresql
