// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tinybird_cdk {

/// The formats in which Tinybird takes data. Compare with the constants of `formats`, never with text.
enum class Format { csv, ndjson, parquet };

namespace formats {

/// RFC 4180 with `\n` as the record delimiter, quotes doubled, no escape character.
inline constexpr Format CSV = Format::csv;
/// One JSON object per line, UTF-8, `\n`.
inline constexpr Format NDJSON = Format::ndjson;
inline constexpr Format PARQUET = Format::parquet;

/// "csv", "ndjson" or "parquet": the value of Tinybird's `format` parameter and the file extension.
std::string_view name(Format format) noexcept;
/// The Content-Type that Tinybird's import API expects, as in "text/csv".
std::string_view content_type(Format format) noexcept;
/// The format with this name, in any case; "jsonl" and "json" mean NDJSON.
/// @throws errors::UnsupportedFormatError for another name.
Format parse(std::string_view name);

/// What the name of a file or an object says of its content.
struct FileName {
    std::optional<Format> format;  ///< nothing when it does not say
    std::string compression;       ///< "gzip", or another that Tinybird does not read, as in "zst"; empty: none
};

/// Reads the extensions, in any case: .csv, .ndjson, .jsonl, .json, .parquet (also .pq), and .gz behind them.
FileName of_file_name(std::string_view name);

}  // namespace formats
}  // namespace tinybird_cdk
