// SPDX-License-Identifier: Apache-2.0
#include "cloud/temporary_key.hpp"

#include <cstddef>

#include <fmt/format.h>

#include "core/ids.hpp"

namespace tinybird_cdk::cloud {

namespace {

constexpr std::string_view joined = "tinybird_cdk_";
constexpr std::size_t joined_digits = 12;
/// The joins of joins inside Google Cloud Storage: behind the digits stands which one it is.
constexpr std::string_view intermediate = "tb-cdk-";
constexpr std::size_t intermediate_digits = 24;

/// All that follows the first dot of the last segment: ".csv.gz" of "a.b/part-0.csv.gz".
std::string_view extensions_of(std::string_view key) {
    const std::string_view name = key.substr(key.rfind('/') + 1);
    const std::size_t dot = name.find('.', 1);
    return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

/// Without a letter among the digits it may be a date that somebody chose.
bool is_drawn(std::string_view text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
           text.find_first_of("abcdef") != std::string_view::npos;
}

}  // namespace

std::string temporary_key(std::string_view directory, std::string_view like) {
    std::string key;
    do {
        key = fmt::format("{}{}{}{}", directory, joined, core::random_hex(joined_digits), extensions_of(like));
    } while (!is_temporary(key));
    return key;
}

bool is_temporary(std::string_view key) {
    std::string_view name = key.substr(key.rfind('/') + 1);
    if (name.starts_with(joined)) {
        name.remove_prefix(joined.size());
        return is_drawn(name.substr(0, name.find('.')), joined_digits);
    }
    if (name.starts_with(intermediate)) {
        name.remove_prefix(intermediate.size());
        return is_drawn(name.substr(0, name.find('-')), intermediate_digits) && name.size() > intermediate_digits;
    }
    return false;
}

}  // namespace tinybird_cdk::cloud
