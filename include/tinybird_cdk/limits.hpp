// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <tinybird_cdk/formats.hpp>

namespace tinybird_cdk {

/// What Tinybird takes at once and per time (https://www.tinybird.co/docs/support/limits). Plans differ and numbers
/// move, so they are data: TB_CDK_LIMITS changes them, as in "imports_per_minute=25,multipart_bytes=1GB".
/// Sizes are bytes; 0 means that there is no limit.
struct Limits {
    std::uint64_t multipart_bytes = 500'000'000;         ///< CSV or NDJSON by v0
    std::uint64_t multipart_parquet_bytes = 50'000'000;  ///< Parquet by v0
    std::uint64_t v1_bytes = 0;                          ///< any format by v1, of which no limit is documented
    std::uint64_t url_bytes = 10'000'000'000;            ///< CSV or NDJSON that Tinybird fetches
    std::uint64_t url_parquet_bytes = 1'000'000'000;     ///< Parquet that Tinybird fetches
    std::uint64_t partitions_per_import = 12;            ///< that the rows of one import may touch
    std::uint64_t imports_per_minute = 5;                ///< appends and replaces of a workspace, together
    std::uint64_t event_request_bytes = 10'000'000;      ///< of one request to the Events API, as sent
    std::uint64_t event_bytes_per_second = 20'000'000;   ///< to one data source
    std::uint64_t event_requests_per_second = 100;       ///< to one data source

    /// These, with what `text` changes. Sizes may end in kB, MB or GB (powers of ten).
    /// @throws errors::InvalidArgument naming what it does not know
    [[nodiscard]] Limits with(std::string_view text) const;

    /// The largest body of one import by v0; nothing when there is no limit.
    [[nodiscard]] std::optional<std::uint64_t> largest_v0(Format format) const noexcept;
    /// The largest file that Tinybird fetches; nothing when there is no limit.
    [[nodiscard]] std::optional<std::uint64_t> largest_url(Format format) const noexcept;
    /// The largest body of one import by v1.
    [[nodiscard]] std::optional<std::uint64_t> largest_v1() const noexcept;
};

}  // namespace tinybird_cdk
