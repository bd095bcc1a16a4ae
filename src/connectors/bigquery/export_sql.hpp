// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "field.hpp"

/// What BigQuery is to write for Tinybird to read. Pure.
namespace tinybird_cdk::bigquery {

/// Why the columns of a result can't be written in the notation that they have otherwise; empty: they can.
std::string not_exportable(const std::vector<Field>& fields, Format format);

/// The query, with each column in the notation that the kit's own writer gives it. It fails for a NULL where the target
/// takes none, and for what the target's type can't hold though BigQuery's can (dates before 1900 or after 2299,
/// BIGNUMERIC of 10^38 and beyond, numbers beyond a narrower type and digits behind its last).
/// @param columns one for each field, with the name that it gets and its target
std::string in_our_notation(std::string_view query, const std::vector<Field>& fields,
                            const std::vector<OutputColumn>& columns, Format format);

/// EXPORT DATA of such a query (https://cloud.google.com/bigquery/docs/reference/standard-sql/export-statements).
/// @param uri gs://BUCKET/DIRECTORY/, below which the objects are made
std::string export_statement(const std::string& uri, Format format, const std::string& query);

}  // namespace tinybird_cdk::bigquery
