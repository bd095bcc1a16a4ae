// SPDX-License-Identifier: Apache-2.0
#include "notation.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include "wire.hpp"

namespace tinybird_cdk::postgresql {

namespace {

// PostgreSQL source, src/backend/utils/adt/numeric.c
constexpr std::uint16_t numeric_negative = 0x4000;
constexpr std::uint16_t numeric_nan = 0xC000;
constexpr std::uint16_t numeric_infinity = 0xD000;
constexpr std::uint16_t numeric_negative_infinity = 0xF000;
constexpr std::uint16_t largest_group = 9999;

constexpr int largest_scale = 0x3FFF;

/// The four digits of each group.
constexpr auto group_digits = [] {
    std::array<char, (largest_group + 1) * 4> digits{};
    for (std::size_t group = 0; group <= largest_group; ++group) {
        digits[group * 4] = static_cast<char>('0' + group / 1000);
        digits[group * 4 + 1] = static_cast<char>('0' + group / 100 % 10);
        digits[group * 4 + 2] = static_cast<char>('0' + group / 10 % 10);
        digits[group * 4 + 3] = static_cast<char>('0' + group % 10);
    }
    return digits;
}();

/// The zeros that a group's four digits begin with; 0000 keeps its last one.
constexpr std::size_t leading_zeros(std::uint16_t group) {
    return group >= 1000 ? 0 : group >= 100 ? 1 : group >= 10 ? 2 : 3;
}

char* write_group(char* out, std::uint16_t group) {
    std::memcpy(out, group_digits.data() + std::size_t{group} * 4, 4);
    return out + 4;
}

/// The digits of a numeric, group by group; groups beyond either end are zero.
class Groups {
public:
    Groups(Wire& wire, std::size_t count) : bytes_(wire.take(count * 2)), count_(static_cast<int>(count)) {}
    [[nodiscard]] std::uint16_t at(int index) const {
        if (index < 0 || index >= count_) {
            return 0;
        }
        const auto group = Wire(bytes_.substr(static_cast<std::size_t>(index) * 2)).number<std::uint16_t>();
        if (group > largest_group) {
            throw MalformedData("a numeric has a digit beyond 9999");
        }
        return group;
    }

private:
    std::string_view bytes_;
    int count_;
};

/// "NaN" and the infinities; nothing for a number.
std::string_view special_numeric(std::uint16_t sign) {
    switch (sign) {
        case 0:
        case numeric_negative:
            return {};
        case numeric_nan:
            return "NaN";
        case numeric_infinity:
            return "Infinity";
        case numeric_negative_infinity:
            return "-Infinity";
        default:
            throw MalformedData("a numeric has an unknown sign");
    }
}

}  // namespace

void append_numeric(std::string& out, std::string_view bytes) {
    Wire wire(bytes);
    const auto count = wire.number<std::uint16_t>();
    const int weight = wire.int16();
    const auto sign = wire.number<std::uint16_t>();
    const int scale = wire.number<std::uint16_t>();
    const Groups groups(wire, count);
    wire.expect_end();
    if (const std::string_view special = special_numeric(sign); !special.empty()) {
        out += special;
        return;
    }
    if (scale > largest_scale || (weight > 0 && groups.at(0) == 0)) {
        throw MalformedData("a numeric is not in its normal form");
    }
    // Whole groups are written, the last one perhaps beyond the scale.
    const std::size_t before = out.size();
    const std::size_t integer_groups = weight < 0 ? 1 : static_cast<std::size_t>(weight) + 1;
    out.resize(before + 2 + integer_groups * 4 + static_cast<std::size_t>(scale) + 4);
    char* end = out.data() + before;
    if (sign == numeric_negative) {
        *end++ = '-';
    }
    const std::uint16_t first = weight < 0 ? std::uint16_t{0} : groups.at(0);
    std::array<char, 4> digits{};
    write_group(digits.data(), first);
    end = std::copy(digits.begin() + leading_zeros(first), digits.end(), end);
    for (int i = 1; i <= weight; ++i) {
        end = write_group(end, groups.at(i));
    }
    if (scale > 0) {
        *end++ = '.';
        char* const fraction_end = end + scale;
        for (int i = weight + 1; end < fraction_end; ++i) {
            end = write_group(end, groups.at(i));
        }
        end = fraction_end;
    }
    out.resize(static_cast<std::size_t>(end - out.data()));
}

void append_network(std::string& out, std::string_view bytes) {
    // PostgreSQL source, src/backend/utils/adt/network.c: family, bits of the mask, whether it is a cidr, length,
    // address.
    constexpr std::uint8_t family_ipv4 = 2;
    constexpr std::uint8_t family_ipv6 = 3;
    Wire wire(bytes);
    const std::uint8_t family = wire.byte();
    const std::uint8_t bits = wire.byte();
    const bool is_cidr = wire.byte() != 0;
    const std::size_t size = wire.byte();
    const std::string_view address = wire.take(size);
    wire.expect_end();
    const bool ipv4 = family == family_ipv4 && size == 4;
    if (!ipv4 && !(family == family_ipv6 && size == 16)) {
        throw MalformedData("a network address is of no known family");
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::inet_ntop(ipv4 ? AF_INET : AF_INET6, address.data(), text.data(), text.size()) == nullptr) {
        throw MalformedData("a network address can't be printed");
    }
    out += text.data();
    if (is_cidr || bits != size * 8) {
        fmt::format_to(std::back_inserter(out), "/{}", bits);
    }
}

void append_mac_address(std::string& out, std::string_view bytes, std::size_t size) {
    if (bytes.size() != size) {
        throw MalformedData("a MAC address is of another length than its type");
    }
    for (std::size_t i = 0; i < size; ++i) {
        fmt::format_to(std::back_inserter(out), "{}{:02x}", i == 0 ? "" : ":", static_cast<unsigned char>(bytes[i]));
    }
}

void append_bits(std::string& out, std::string_view bytes) {
    Wire wire(bytes);
    const std::int32_t count = wire.int32();
    if (count < 0 || wire.left() != (static_cast<std::size_t>(count) + 7) / 8) {
        throw MalformedData("a bit string has another length than it says");
    }
    const std::string_view packed = wire.rest();
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        const auto byte = static_cast<unsigned char>(packed[i / 8]);
        out += (byte >> (7 - i % 8) & 1U) != 0 ? '1' : '0';
    }
}

void append_log_position(std::string& out, std::string_view bytes) {
    Wire wire(bytes);
    const auto position = wire.number<std::uint64_t>();
    wire.expect_end();
    fmt::format_to(std::back_inserter(out), "{:X}/{:X}", position >> 32U, position & 0xFFFFFFFFU);
}

void append_tuple_id(std::string& out, std::string_view bytes) {
    Wire wire(bytes);
    const auto block = wire.number<std::uint32_t>();
    const auto offset = wire.number<std::uint16_t>();
    wire.expect_end();
    fmt::format_to(std::back_inserter(out), "({},{})", block, offset);
}

}  // namespace tinybird_cdk::postgresql
