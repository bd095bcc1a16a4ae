// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/tinybird.hpp>

namespace tinybird_cdk::transfer {

/// Of a replace with a condition Tinybird keeps the new rows that match it, and drops the others without a word: its
/// counts are of what it has read. So the rows that match are counted afterwards.
///
/// Only too few are seen: matching rows of partitions that the new ones have no part of stay
/// (https://www.tinybird.co/docs/guides/ingest/replace-and-delete-data). Where rows of equal keys become
/// one (ReplacingMergeTree and its like) nothing can be told, and where the token may not read neither.
/// @param result of the replace, which is done
/// @throws errors::NotProvedError when rows are missing
void refuse_dropped_rows(tinybird::Client& client, const std::string& data_source, const std::string& condition,
                         const LoadResult& result, const std::stop_token& stop);

}  // namespace tinybird_cdk::transfer
