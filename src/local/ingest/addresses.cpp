// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/addresses.hpp"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

namespace tinybird_cdk::local::ingest {

namespace {

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

bool read_uuid(std::string_view text, std::array<std::uint64_t, 2>& halves) noexcept {
    constexpr std::size_t length = 36;
    constexpr std::size_t digits_of_half = 16;
    if (text.size() != length) {
        return false;
    }
    halves = {};
    std::size_t digits = 0;
    for (std::size_t i = 0; i < length; ++i) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-') {
                return false;
            }
            continue;
        }
        const int digit = hex_digit(text[i]);
        if (digit < 0) {
            return false;
        }
        std::uint64_t& half = halves[digits / digits_of_half];
        half = half << 4U | static_cast<unsigned>(digit);
        ++digits;
    }
    return true;
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
    if (text.size() >= copy.size() ||
        !std::all_of(text.begin(), text.end(), [](char c) { return c == ':' || hex_digit(c) >= 0; })) {
        return false;
    }
    std::memcpy(copy.data(), text.data(), text.size());
    return ::inet_pton(AF_INET6, copy.data(), address.data()) == 1;
}

}  // namespace tinybird_cdk::local::ingest
