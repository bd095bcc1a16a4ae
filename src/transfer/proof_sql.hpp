// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/schema.hpp>
#include <tinybird_cdk/value.hpp>

/// SQL for the counterpart of `encode::ColumnProof`: what a data source holds, in the same forms.
namespace tinybird_cdk::transfer {

/// A column of a data source that a load writes.
struct ProofColumn {
    std::string name;
    schema::Type type;
};

/// `name` in backticks.
std::string quoted_name(std::string_view name);

/// One row: `tb_cdk_rows`, then for column i `tb_cdk_n{i}` (NULLs) and, where the type has a form, `tb_cdk_s{i}`
/// (checksum) and, but for lists, maps and tuples, `tb_cdk_l{i}` and `tb_cdk_h{i}` (lowest and highest: text as
/// hexadecimal digits of its first 64 bytes, numbers in their form). All are strings or NULL, for integers beyond 2^53
/// are not safe in JSON; the names are such that no condition means them.
/// @param condition rows to count; empty: all
std::string proof_query(std::string_view data_source, const std::vector<ProofColumn>& columns,
                        std::string_view condition);

/// A number in the answer to such a query. @throws errors::NotProvedError when it is none
std::uint64_t proof_number(const Value& value);

}  // namespace tinybird_cdk::transfer
