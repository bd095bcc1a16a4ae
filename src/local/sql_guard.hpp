// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tinybird_cdk::local {

/// Why a statement must not be run for a user, beyond what ClickHouse's own readonly mode refuses: it reaches outside
/// the workspace (files, the network, other databases). Nothing when it is fine.
std::optional<std::string> forbidden_part(std::string_view sql);

/// Why a text is not one condition that can be put into parentheses in a statement of the server's own: it closes them,
/// goes on with another clause, or reaches outside the workspace.
std::optional<std::string> forbidden_in_condition(std::string_view condition);

/// The format that a trailing FORMAT clause names; empty when there is none.
std::string format_of(std::string_view sql);

}  // namespace tinybird_cdk::local
