// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tinybird_cdk::any_adbc {

/// A statement as it can stand in another one or before a driver's own words: without semicolons behind it, and with
/// the end of a line, for it may end in a comment. Dialects don't agree on comments and quotes: a semicolon in front of
/// a comment is left to the database.
std::string embeddable(std::string_view statement);

/// A name as this database quotes it. @param vendor what its driver says it is
std::string quoted_identifier(std::string_view name, std::string_view vendor);

}  // namespace tinybird_cdk::any_adbc
