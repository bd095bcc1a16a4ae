// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/schema.hpp>

/// How a suggested data source keeps its rows.
namespace tinybird_cdk::framework {

/// Leaves out a sorting key that ClickHouse would refuse, and says so in the remark of the column that is to blame.
void refuse_bad_sorting_key(schema::Schema& schema);

/// The column by whose month the rows could be partitioned: a date or timestamp that is never NULL, of the sorting key
/// if that has one. Nothing where there is none.
const schema::Column* partition_column(const schema::Schema& schema);

/// Whether partitions pay off. Small tables are better off with one: each load writes a part per partition that it
/// touches, and Tinybird takes a dozen of those at once.
bool is_large(const ScopeItem& table);

/// Sets the partition key, and the remark that says why.
void partition_by_month(schema::Schema& schema, const schema::Column& column);

}  // namespace tinybird_cdk::framework
