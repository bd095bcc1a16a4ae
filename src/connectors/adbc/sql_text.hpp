// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tinybird_cdk::any_adbc {

/// A statement as it can stand in another one or before a driver's own words: without semicolons behind it, and with
/// the end of a line, for it may end in a comment. Dialects don't agree on comments and quotes: a semicolon in front of
/// a comment is left to the database.
std::string embeddable(std::string_view statement);

/// For loads, which read: a driver would run whatever it is given, and of several statements give the rows of one.
/// Dialects read a text in several ways: it is refused where all that are tried have it so.
/// @throws errors::InvalidArgument for a second statement, and for one that begins with a word that writes
void refuse_writes(std::string_view query);

/// A name as this database quotes it. @param vendor what its driver says it is
std::string quoted_identifier(std::string_view name, std::string_view vendor);

}  // namespace tinybird_cdk::any_adbc
