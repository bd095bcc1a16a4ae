// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "column.hpp"

/// What Redshift is to write for Tinybird to read. Pure.
namespace tinybird_cdk::redshift {

/// Why a result can't be written to a bucket; empty: it can.
std::string not_by_bucket(const std::vector<Column>& columns, Format format);

/// Whether the text of an error is that of a value that was refused by what in_our_notation() makes.
bool says_refused(std::string_view text);

/// The query, with each column as text in the notation that the kit's own writer gives it for its target. A value that
/// the target can't have ends the query with an error that says so, and so does one that has no exact text.
/// @param outputs as in UnloadRequest
std::string in_our_notation(std::string_view query, const std::vector<Column>& columns,
                            const std::vector<OutputColumn>& outputs, Format format);

/// The query, with the columns that the driver gives as bytes that nobody can read as text instead.
/// @throws errors::InvalidArgument for columns of types that the kit doesn't know
std::string readable(std::string_view query, const std::vector<Column>& columns);

/// UNLOAD of a query in our notation (https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html).
/// @param prefix s3://BUCKET/DIRECTORY/ and what the names of the objects begin with
/// @param region of the bucket; empty: the cluster's
std::string unload_statement(std::string_view query, Format format, std::string_view prefix, std::string_view iam_role,
                             std::string_view region);

}  // namespace tinybird_cdk::redshift
