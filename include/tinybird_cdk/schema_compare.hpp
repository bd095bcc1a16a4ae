// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tinybird_cdk/schema.hpp>

/// What changed between a table and the data source that holds it. Pure functions, thread-safe.
namespace tinybird_cdk::schema {

/// What of `from` has no exact like in `to`, in words for people, as in "values beyond Int32 don't fit"; nothing when
/// every value has. A value that does not fit is refused by a load unless a hazard policy says otherwise.
std::optional<std::string> loss(const Type& from, const Type& to);

/// One difference between a table and a data source.
struct Change {
    enum class Kind {
        added,    ///< the table has a column that the data source has not
        removed,  ///< the data source has a column that the table has not
        changed   ///< the same column, of another type
    };
    Kind kind = Kind::added;
    std::string column;
    std::optional<Type> source;  ///< the type that holds the table's column without loss; nothing for removed
    std::optional<Type> target;  ///< the data source's type; nothing for added
    /// Nothing is lost when the data source stays (changed, removed) or gets the column (added).
    bool safe = false;
    std::string text;  ///< what it means and what to do, one line
};

/// Compares by name. Types that differ but hold each value of the table (Int64 for an Int32, LowCardinality or not) are
/// no change. @return in the order of the table's columns, the removed ones last; empty when nothing is to be done
std::vector<Change> compare(const Schema& source, const std::vector<Column>& target);

/// The columns of the data source with the added ones behind them, each Nullable (lists and maps, which can't be, are
/// empty in the rows that are there), for Tinybird's `alter`. @return nothing when there is nothing to add
/// @throws errors::SchemaMismatchError when a change would lose data: those are named, and nothing is to be applied
std::optional<Schema> with_additions(const Schema& source, const std::vector<Column>& target);

}  // namespace tinybird_cdk::schema
