// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "moments.hpp"

/// Notations that don't depend on how a value came: as a page of the REST API, or as Arrow. Pure.
namespace tinybird_cdk::bigquery {

/// Without zeros that say nothing, and with a digit before the point: "-.50" is "-0.5".
std::string decimal_text(std::string_view digits);

/// A bound of a range, as CAST(… AS STRING) writes it: "2024-01-31", "2024-01-31 12:34:56.5", and with "+00" behind it
/// for a TIMESTAMP.
std::string date_bound(std::int64_t days);
std::string moment_bound(const Moment& moment, bool is_instant);
/// "[2024-01-01, UNBOUNDED)". @param begin, @param end nothing: there is no bound
std::string range_text(const std::optional<std::string>& begin, const std::optional<std::string>& end);

}  // namespace tinybird_cdk::bigquery
