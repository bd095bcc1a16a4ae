// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/incremental.hpp>

#include <charconv>
#include <limits>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk {

Lag Lag::parse(std::string_view text) {
    std::int64_t amount = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, amount);
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    const std::int64_t factor = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : 0;
    if (error != std::errc() || amount < 0 || (factor == 0 && !unit.empty()) ||
        (factor != 0 && amount > std::numeric_limits<std::int32_t>::max())) {
        throw errors::InvalidArgument(fmt::format("\"{}\" is no lag", text),
                                      "Write it as in 90s, 15m, 1h or 7d; a plain number for a column of numbers.");
    }
    return factor == 0 ? Lag(amount) : Lag(std::chrono::seconds(amount * factor));
}

std::chrono::seconds Lag::time() const {
    if (const auto* const units = std::get_if<std::int64_t>(&amount_)) {
        throw errors::InvalidArgument(fmt::format("a lag of {} says nothing for a column of dates or times", *units),
                                      "Write it as in 90s, 15m, 1h or 7d.");
    }
    const auto* const time = std::get_if<std::chrono::seconds>(&amount_);
    return time == nullptr ? std::chrono::seconds(0) : *time;
}

std::int64_t Lag::units() const {
    if (std::holds_alternative<std::chrono::seconds>(amount_)) {
        throw errors::InvalidArgument("a lag of time says nothing for a column of numbers",
                                      "Write it as a plain number, as in 1000.");
    }
    const auto* const units = std::get_if<std::int64_t>(&amount_);
    return units == nullptr ? 0 : *units;
}

}  // namespace tinybird_cdk
