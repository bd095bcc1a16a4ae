// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/schema.hpp>

/// Names in the notations of ClickHouse and Tinybird.
namespace tinybird_cdk::core {

/// A string literal or a quoted identifier as ClickHouse writes it.
std::string escaped(std::string_view text, char quote);
/// Whether a name needs no quotes anywhere.
bool is_identifier(std::string_view text) noexcept;

/// The name of a column in a `.datasource` file: its own, but for what one of the generations of `tb` can't read even
/// in backticks (blanks, backticks, backslashes, "--", "INDEX").
struct DatafileName {
    std::string usual;     ///< with underscores in the place of what can't be read
    std::string distinct;  ///< where another column has that name already; the same for names that can be read
};
DatafileName datafile_name(std::string_view name);
/// Of all columns: none is there twice.
std::vector<std::string> datafile_names(const std::vector<schema::Column>& columns);

}  // namespace tinybird_cdk::core
