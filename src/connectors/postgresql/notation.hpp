// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// The text of values that have no call of their own in the row writer, exactly as PostgreSQL prints them. All append
/// to a string that is used again and again. They throw MalformedData.
namespace tinybird_cdk::postgresql {

/// "-12345.6700", "NaN", "Infinity": base-10000 digits as they are sent (PostgreSQL source, numeric_send).
void append_numeric(std::string& out, std::string_view bytes);
/// inet and cidr: "192.168.0.1", "10.0.0.0/8", "::1".
void append_network(std::string& out, std::string_view bytes);
/// "08:00:2b:01:02:03"; of 6 or 8 bytes.
void append_mac_address(std::string& out, std::string_view bytes, std::size_t size);
/// "10110".
void append_bits(std::string& out, std::string_view bytes);
/// "16/B374D848".
void append_log_position(std::string& out, std::string_view bytes);
/// "(42,1)".
void append_tuple_id(std::string& out, std::string_view bytes);

}  // namespace tinybird_cdk::postgresql
