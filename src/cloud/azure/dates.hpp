// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// The two forms in which Azure writes times. Whole seconds, UTC.
namespace tinybird_cdk::cloud::azure {

using Time = std::chrono::system_clock::time_point;

/// As in "Fri, 26 Jun 2015 23:39:12 GMT" (RFC 9110 §5.6.7).
std::string http_date(Time time);
/// Nothing for another form.
std::optional<Time> parse_http_date(std::string_view text);
/// As in "2015-06-26T23:39:12Z".
std::string iso_time(Time time);
/// Nothing for another form; fractions of a second are left out.
std::optional<Time> parse_iso_time(std::string_view text);

}  // namespace tinybird_cdk::cloud::azure
