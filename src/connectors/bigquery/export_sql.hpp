// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/formats.hpp>

#include "field.hpp"

/// What BigQuery is to write for Tinybird to read. Pure.
namespace tinybird_cdk::bigquery {

/// Why the columns of a result can't be written in the notation that they have otherwise; empty: they can.
std::string not_exportable(const std::vector<Field>& fields, Format format);

/// The query, with each column in the notation that the kit's own writer gives it.
std::string in_our_notation(std::string_view query, const std::vector<Field>& fields, Format format);

/// EXPORT DATA of such a query (https://cloud.google.com/bigquery/docs/reference/standard-sql/export-statements).
/// @param uri gs://BUCKET/DIRECTORY/, below which the objects are made
std::string export_statement(const std::string& uri, Format format, const std::string& query);

}  // namespace tinybird_cdk::bigquery
