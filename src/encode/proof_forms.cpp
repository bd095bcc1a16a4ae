// SPDX-License-Identifier: Apache-2.0
#include "encode/proof_forms.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <arpa/inet.h>

#include <fmt/format.h>

#include "core/text.hpp"

namespace tinybird_cdk::encode {

namespace {

using schema::Kind;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// Whether a text is shaped like another, in which 0 stands for any digit.
bool shaped(std::string_view text, std::string_view shape) noexcept {
    return text.size() == shape.size() && std::equal(text.begin(), text.end(), shape.begin(), [](char c, char wanted) {
               return wanted == '0' ? is_digit(c) : c == wanted;
           });
}

bool all_digits(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), is_digit);
}

bool integer_form(std::string_view text, std::string& form) {
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    if (text.empty() || !all_digits(text)) {
        return false;
    }
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
    form = negative && text != "0" ? "-" : "";
    form += text;
    return true;
}

/// With as many digits behind the point as the type has.
bool decimal_form(std::string_view text, int scale, std::string& form) {
    const std::size_t point = std::min(text.find('.'), text.size());
    std::string_view fraction = text.substr(std::min(point + 1, text.size()));
    fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
    const auto digits = static_cast<std::size_t>(scale);
    if (!integer_form(text.substr(0, point), form) || !all_digits(fraction) || fraction.size() > digits) {
        return false;
    }
    if (text.starts_with('-') && form == "0" && !fraction.empty()) {
        form = "-0";
    }
    if (scale > 0) {
        form += '.';
        form += fraction;
        form.append(digits - fraction.size(), '0');
    }
    return true;
}

template <class Float, class Bits>
bool float_form(std::string_view text, std::string& form) {
    Float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return false;
    }
    form = std::isnan(value) ? "nan" : fmt::format("{}", std::bit_cast<Bits>(value));
    return true;
}

bool boolean_form(std::string_view text, std::string& form) {
    if (text == "true" || text == "1") {
        form = "true";
    } else if (text == "false" || text == "0") {
        form = "false";
    } else {
        return false;
    }
    return true;
}

bool uuid_form(std::string_view text, std::string& form) {
    constexpr std::array<std::size_t, 4> dashes{8, 13, 18, 23};
    if (text.size() != 36 || !std::all_of(dashes.begin(), dashes.end(), [&](auto at) { return text[at] == '-'; })) {
        return false;
    }
    form = core::to_lower(text);
    return true;
}

bool ipv4_form(std::string_view text, std::string& form) {
    in_addr address{};
    std::array<char, INET_ADDRSTRLEN> shown{};
    if (::inet_pton(AF_INET, std::string(text).c_str(), &address) != 1 ||
        ::inet_ntop(AF_INET, &address, shown.data(), shown.size()) == nullptr) {
        return false;
    }
    form = shown.data();
    return true;
}

bool ipv6_form(std::string_view text, std::string& form) {
    in6_addr address{};
    in_addr old{};
    if (::inet_pton(AF_INET, std::string(text).c_str(), &old) == 1) {
        // An IPv4 address in an IPv6 column is mapped (RFC 4291 §2.5.5.2).
        form = fmt::format("00000000000000000000FFFF{:08X}", ntohl(old.s_addr));
        return true;
    }
    if (::inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) {
        return false;
    }
    form.clear();
    for (const std::uint8_t byte : address.s6_addr) {
        form += fmt::format("{:02X}", byte);
    }
    return true;
}

bool day_form(std::string_view text, std::string& form) {
    form = text;
    return shaped(text, "0000-00-00");
}

bool moment_form(std::string_view text, int digits, std::string& form) {
    constexpr std::string_view seconds = "0000-00-00 00:00:00";
    if (text.size() < seconds.size() || !shaped(text.substr(0, seconds.size()), seconds)) {
        return false;
    }
    std::string_view fraction = text.substr(seconds.size());
    if (!fraction.empty() && (fraction.size() < 2 || fraction.front() != '.' || !all_digits(fraction.substr(1)))) {
        return false;
    }
    fraction.remove_prefix(fraction.empty() ? 0 : 1);
    fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
    const auto wanted = static_cast<std::size_t>(digits);
    if (fraction.size() > wanted) {
        return false;
    }
    form = text.substr(0, seconds.size());
    if (digits > 0) {
        form += '.';
        form += fraction;
        form.append(wanted - fraction.size(), '0');
    }
    return true;
}

bool is_utc(const std::string& timezone) noexcept {
    return timezone.empty() || timezone == "UTC" || timezone == "Etc/UTC";
}

}  // namespace

bool has_proof(const schema::Type& type) noexcept {
    switch (type.kind()) {
        case Kind::datetime:
        case Kind::datetime64:
            return is_utc(type.timezone());
        case Kind::array:
        case Kind::tuple:
        case Kind::map:
            return std::all_of(type.arguments().begin(), type.arguments().end(), has_proof);
        case Kind::json:
        case Kind::point:
        case Kind::ring:
        case Kind::line_string:
        case Kind::polygon:
        case Kind::multi_polygon:
        case Kind::other:
            return false;
        default:
            return true;
    }
}

ProofOrder proof_order(const schema::Type& type) noexcept {
    switch (type.kind()) {
        case Kind::array:
        case Kind::tuple:
        case Kind::map:
            return ProofOrder::none;
        case Kind::float32:
        case Kind::float64:
            return ProofOrder::real;
        case Kind::int8:
        case Kind::int16:
        case Kind::int32:
        case Kind::int64:
        case Kind::int128:
        case Kind::int256:
        case Kind::uint8:
        case Kind::uint16:
        case Kind::uint32:
        case Kind::uint64:
        case Kind::uint128:
        case Kind::uint256:
        case Kind::decimal:
            return ProofOrder::number;
        default:
            return ProofOrder::text;
    }
}

bool proof_form(const schema::Type& type, std::string_view written, std::string& form) {
    switch (type.kind()) {
        case Kind::string:
        case Kind::enum8:
        case Kind::enum16:
            form = written;
            return true;
        case Kind::fixed_string:
            form = written.substr(0, written.find_last_not_of('\0') + 1);
            return true;
        case Kind::float32:
            return float_form<float, std::uint32_t>(written, form);
        case Kind::float64:
            return float_form<double, std::uint64_t>(written, form);
        case Kind::decimal:
            return decimal_form(written, type.scale(), form);
        case Kind::boolean:
            return boolean_form(written, form);
        case Kind::uuid:
            return uuid_form(written, form);
        case Kind::ipv4:
            return ipv4_form(written, form);
        case Kind::ipv6:
            return ipv6_form(written, form);
        case Kind::date:
        case Kind::date32:
            return day_form(written, form);
        case Kind::datetime:
            return moment_form(written, 0, form);
        case Kind::datetime64:
            return moment_form(written, type.precision(), form);
        case Kind::array:
        case Kind::tuple:
        case Kind::map:
            return false;  // their text is not what they are made from: see NestedForm
        default:
            return has_proof(type) && integer_form(written, form);
    }
}

}  // namespace tinybird_cdk::encode
