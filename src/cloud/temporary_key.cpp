// SPDX-License-Identifier: Apache-2.0
#include "cloud/temporary_key.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "core/ids.hpp"

namespace tinybird_cdk::cloud {

namespace {

constexpr std::size_t digits = 24;
constexpr std::string_view joined = "tinybird_cdk_";
/// The joins of joins inside Google Cloud Storage are named so.
constexpr std::array<std::string_view, 2> beginnings{joined, "tb-cdk-"};

/// All that follows the first dot of the last segment: ".csv.gz" of "a.b/part-0.csv.gz".
std::string_view extensions_of(std::string_view key) {
    const std::string_view name = key.substr(key.rfind('/') + 1);
    const std::size_t dot = name.find('.', 1);
    return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string temporary_key(std::string_view directory, std::string_view like) {
    return fmt::format("{}{}{}{}", directory, joined, core::random_hex(digits), extensions_of(like));
}

bool is_temporary(std::string_view key) {
    const std::string_view name = key.substr(key.rfind('/') + 1);
    return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view begin) {
        return name.starts_with(begin) && name.size() >= begin.size() + digits &&
               is_hex(name.substr(begin.size(), digits));
    });
}

}  // namespace tinybird_cdk::cloud
