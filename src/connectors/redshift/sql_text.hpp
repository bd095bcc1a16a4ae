// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tinybird_cdk::redshift {

/// A name in double quotes.
std::string identifier(std::string_view name);
/// A string in single quotes. Redshift takes a backslash in one for an escape, as the examples of UNLOAD have it
/// (https://docs.aws.amazon.com/redshift/latest/dg/t_Unloading_tables.html).
std::string literal(std::string_view text);
/// A query as it can stand between parentheses: without semicolons behind it and comments behind those, and with the
/// end of a line, for it may end in a comment.
std::string embeddable(std::string_view query);

}  // namespace tinybird_cdk::redshift
