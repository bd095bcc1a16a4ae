// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/source_limits.hpp>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"

namespace tinybird_cdk {

namespace {

using Unit = std::pair<std::string_view, std::uint64_t>;

/// A whole number and one of these units. @return nothing for anything else, zero, and what is too large
template <std::size_t count>
std::optional<std::uint64_t> quantity(std::string_view text, const std::array<Unit, count>& units) {
    constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view rest = core::trim({end, static_cast<std::size_t>(text.data() + text.size() - end)});
    for (const auto& [name, factor] : units) {
        if (core::equal_ignoring_case(rest, name) && error == std::errc() && number > 0 && number <= largest / factor) {
            return number * factor;
        }
    }
    return std::nullopt;
}

}  // namespace

std::chrono::milliseconds parse_timeout(std::string_view text) {
    constexpr std::array<Unit, 4> units{{{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
    // What every source can count, in milliseconds.
    constexpr std::uint64_t longest = std::numeric_limits<std::int32_t>::max();
    const auto milliseconds = quantity(core::trim(text), units);
    if (!milliseconds || *milliseconds > longest) {
        throw errors::InvalidArgument(fmt::format("\"{}\" is no time to wait", text),
                                      "Write it as in 500ms, 30s, 5m or 1h; the longest is 596h.");
    }
    return std::chrono::milliseconds(*milliseconds);
}

std::uint64_t parse_rate(std::string_view text) {
    constexpr std::array<Unit, 5> units{{{"", 1}, {"B", 1}, {"kB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}}};
    std::string_view amount = core::trim(text);
    if (amount.ends_with("/s")) {
        amount.remove_suffix(2);
    }
    const auto rate = quantity(amount, units);
    if (!rate) {
        throw errors::InvalidArgument(fmt::format("\"{}\" is no rate", text),
                                      "Write it as bytes in a second, as in 500kB, 10MB or 10MB/s.");
    }
    return *rate;
}

}  // namespace tinybird_cdk
