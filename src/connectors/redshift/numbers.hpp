// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace tinybird_cdk::redshift {

/// A whole number from its digits. Nothing for what is none, "" among that: the text of NULL.
template <class Number>
std::optional<Number> number_in(std::string_view text) noexcept {
    Number number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace tinybird_cdk::redshift
