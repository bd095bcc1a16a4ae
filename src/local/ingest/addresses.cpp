// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/addresses.hpp"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

namespace tinybird_cdk::local::ingest {

namespace {

constexpr std::uint8_t no_digit = 0x80;

constexpr std::array<std::uint8_t, 256> make_hex_digits() {
    std::array<std::uint8_t, 256> digits{};
    for (std::uint8_t& digit : digits) {
        digit = no_digit;
    }
    for (std::size_t i = 0; i < 10; ++i) {
        digits.at('0' + i) = static_cast<std::uint8_t>(i);
    }
    for (std::size_t i = 0; i < 6; ++i) {
        digits.at('a' + i) = digits.at('A' + i) = static_cast<std::uint8_t>(10 + i);
    }
    return digits;
}
constexpr std::array<std::uint8_t, 256> hex_digits = make_hex_digits();

}  // namespace

bool read_uuid(std::string_view text, std::array<std::uint64_t, 2>& halves) noexcept {
    // Where the pairs of digits stand between the hyphens.
    constexpr std::array<std::uint8_t, 16> places{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
    constexpr std::size_t length = 36;
    if (text.size() != length || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') {
        return false;
    }
    const auto digit = [&](std::size_t place) { return hex_digits[static_cast<unsigned char>(text[place])]; };
    halves = {};
    unsigned all = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const unsigned high = digit(places[i]);
        const unsigned low = digit(places[i] + std::size_t{1});
        all |= high | low;
        halves[i / 8] = halves[i / 8] << 8U | (high << 4U | low);
    }
    return all <= 0xF;
}

bool read_ipv4(std::string_view text, std::uint32_t& address) noexcept {
    address = 0;
    for (int part = 0; part < 4; ++part) {
        unsigned value = 0;
        std::size_t digits = 0;
        while (digits < text.size() && digits < 4 && text[digits] >= '0' && text[digits] <= '9') {
            value = value * 10 + static_cast<unsigned>(text[digits] - '0');
            ++digits;
        }
        if (digits == 0 || digits > 3 || value > 255 || (digits > 1 && text.front() == '0')) {
            return false;
        }
        text.remove_prefix(digits);
        address = address << 8U | value;
        if (part < 3) {
            if (!text.starts_with('.')) {
                return false;
            }
            text.remove_prefix(1);
        }
    }
    return text.empty();
}

bool read_ipv6(std::string_view text, std::array<unsigned char, 16>& address) noexcept {
    std::array<char, INET6_ADDRSTRLEN> copy{};
    if (text.size() >= copy.size() || !std::all_of(text.begin(), text.end(), [](char c) {
            return c == ':' || hex_digits[static_cast<unsigned char>(c)] != no_digit;
        })) {
        return false;
    }
    std::memcpy(copy.data(), text.data(), text.size());
    return ::inet_pton(AF_INET6, copy.data(), address.data()) == 1;
}

}  // namespace tinybird_cdk::local::ingest
