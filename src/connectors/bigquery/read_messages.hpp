// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The messages of the Storage Read API
/// (https://cloud.google.com/bigquery/docs/reference/storage/rpc/google.cloud.bigquery.storage.v1; the numbers of their
/// fields are those of google/cloud/bigquery/storage/v1/storage.proto, stream.proto and arrow.proto). Pure.
namespace tinybird_cdk::bigquery {

/// A table whose rows are to be read as Arrow, in at most so many streams.
/// @param project that pays @param table as in "projects/p/datasets/d/tables/t"
std::string create_session_request(std::string_view project, std::string_view table, unsigned streams);

struct ReadSession {
    std::string schema;                ///< a message of Arrow's IPC format
    std::vector<std::string> streams;  ///< their names; none: the table is empty
};
/// @throws errors::ExternalDatasourceError for what is no such message, here and below
ReadSession session_of(std::string_view message);

/// @param offset the first row that is wanted
std::string read_rows_request(std::string_view stream, std::uint64_t offset);

struct RowsMessage {
    std::string_view batch;  ///< a message of Arrow's IPC format, a part of the whole one; empty: no rows
    std::uint64_t rows = 0;
};
RowsMessage rows_of(std::string_view message);

}  // namespace tinybird_cdk::bigquery
