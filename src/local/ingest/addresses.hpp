// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// Readers of UUIDs and IP addresses in their plain notation, into ClickHouse's bytes.
namespace tinybird_cdk::local::ingest {

/// Two halves, the first is that of the first digits.
bool read_uuid(std::string_view text, std::array<std::uint64_t, 2>& halves) noexcept;
bool read_ipv4(std::string_view text, std::uint32_t& address) noexcept;
/// Not in the notations that hold an IPv4 address.
bool read_ipv6(std::string_view text, std::array<unsigned char, 16>& address) noexcept;

}  // namespace tinybird_cdk::local::ingest
