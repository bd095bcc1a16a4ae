// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tinybird_cdk/formats.hpp>

namespace tinybird_cdk::cloud {

/// What the name of an object says of its content.
struct ObjectName {
    std::optional<Format> format;  ///< nothing when it does not say
    std::string compression;       ///< "gzip", or another that Tinybird does not read, as in "zst"; empty: none
};

/// Reads the extensions, in any case: .csv, .ndjson, .jsonl, .json, .parquet (also .pq), and .gz behind them.
ObjectName object_name(std::string_view key);

}  // namespace tinybird_cdk::cloud
