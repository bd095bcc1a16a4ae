// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::core {

/// The name that ClickHouse gives a kind without arguments, as in "Int64"; empty for kinds that need arguments.
std::string_view name_of_kind(schema::Kind kind) noexcept;

/// The kind of a type without arguments that matter, by its name or SQL alias in any case, as in "bigint" or
/// "double precision" (ClickHouse: system.data_type_families).
std::optional<schema::Kind> kind_of_name(std::string_view name) noexcept;

/// The longest alias has this many words, as in "national character large object".
inline constexpr int most_words_of_alias = 4;

/// The precision of "decimal32" (9), "decimal64" (18), "decimal128" (38) and "decimal256" (76); 0 for other names.
int decimal_alias_precision(std::string_view lower_name) noexcept;

}  // namespace tinybird_cdk::core
