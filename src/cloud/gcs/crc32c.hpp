// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tinybird_cdk::cloud::gcs {

/// The checksum that Cloud Storage keeps of each object: CRC-32C (RFC 3720 §B.4), bit by bit as the bytes come.
class Crc32c {
public:
    void add(std::string_view bytes) noexcept;
    /// As Cloud Storage writes it: base64 of four bytes, the highest first
    /// (https://cloud.google.com/storage/docs/json_api/v1/objects#resource).
    [[nodiscard]] std::string text() const;

private:
    std::uint32_t state_ = 0xffffffffU;
};

}  // namespace tinybird_cdk::cloud::gcs
