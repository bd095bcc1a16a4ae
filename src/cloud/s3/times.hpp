// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// The forms in which AWS writes times, all in UTC.
namespace tinybird_cdk::cloud::s3 {

/// As in 20130524T000000Z.
std::string basic_iso_time(std::chrono::system_clock::time_point time);
/// 2013-05-24T00:00:00Z, also with a fraction of a second or an offset of +00:00; nothing for anything else.
std::optional<std::chrono::system_clock::time_point> parse_iso_time(std::string_view text);
/// Fri, 24 May 2013 00:00:00 GMT; nothing for anything else.
std::optional<std::chrono::system_clock::time_point> parse_http_time(std::string_view text);

}  // namespace tinybird_cdk::cloud::s3
