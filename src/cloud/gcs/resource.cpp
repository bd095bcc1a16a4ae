// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/resource.hpp"

#include <charconv>
#include <cstdint>

#include "cloud/gcs/json_field.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return value;
}

/// Takes so many digits, and `behind` after them, off the begin.
std::optional<int> take(std::string_view& text, std::size_t digits, std::string_view behind) {
    const auto value = number_of<unsigned>(text.substr(0, digits));
    if (!value || text.substr(std::min(digits, text.size()), behind.size()) != behind) {
        return std::nullopt;
    }
    text.remove_prefix(digits + behind.size());
    return static_cast<int>(*value);
}

/// Takes ".157269", which may be missing.
std::optional<std::chrono::nanoseconds> take_fraction(std::string_view& text) {
    if (!text.starts_with('.')) {
        return std::chrono::nanoseconds(0);
    }
    text.remove_prefix(1);
    std::int64_t value = 0;
    std::int64_t unit = 1'000'000'000;
    const std::string_view before = text;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
        unit /= 10;
        value += unit * (text.front() - '0');
    }
    return text.size() == before.size() ? std::nullopt : std::optional(std::chrono::nanoseconds(value));
}

/// Takes "Z" or "+01:00".
std::optional<std::chrono::minutes> take_offset(std::string_view text) {
    if (text == "Z" || text == "z") {
        return std::chrono::minutes(0);
    }
    if (!text.starts_with('+') && !text.starts_with('-')) {
        return std::nullopt;
    }
    const int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    const auto hours = take(text, 2, ":");
    const auto minutes = hours ? take(text, 2, "") : std::nullopt;
    if (!minutes || !text.empty()) {
        return std::nullopt;
    }
    return sign * (std::chrono::hours(*hours) + std::chrono::minutes(*minutes));
}

}  // namespace

std::optional<std::chrono::system_clock::time_point> time_of(std::string_view text) {
    const auto year = take(text, 4, "-");
    const auto month = year ? take(text, 2, "-") : std::nullopt;
    const auto day = month ? take(text, 2, "T") : std::nullopt;
    const auto hour = day ? take(text, 2, ":") : std::nullopt;
    const auto minute = hour ? take(text, 2, ":") : std::nullopt;
    const auto second = minute ? take(text, 2, "") : std::nullopt;
    const auto fraction = second ? take_fraction(text) : std::nullopt;
    const auto offset = fraction ? take_offset(text) : std::nullopt;
    if (!offset) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) {
        return std::nullopt;
    }
    const auto time = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                      std::chrono::seconds(*second) - *offset + *fraction;
    return std::chrono::time_point_cast<std::chrono::system_clock::duration>(time);
}

std::optional<Resource> resource_of(const nlohmann::json& document) {
    if (!document.is_object()) {
        return std::nullopt;
    }
    auto name = text_field(document, "name");
    auto generation = text_field(document, "generation");
    // 64-bit numbers are texts in Google's JSON.
    const auto size = number_of<std::uint64_t>(text_field(document, "size").value_or(""));
    const auto created = time_of(text_field(document, "timeCreated").value_or(""));
    if (!name || !generation || !size || !created) {
        return std::nullopt;
    }
    // Each generation is created anew; "updated" would change with its metadata too.
    return Resource{
        .object = {.key = std::move(*name), .size = *size, .modified = *created, .etag = std::move(*generation)},
        .crc32c = text_field(document, "crc32c").value_or("")};
}

}  // namespace tinybird_cdk::cloud::gcs
