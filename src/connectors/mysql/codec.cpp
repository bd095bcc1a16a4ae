// SPDX-License-Identifier: Apache-2.0
#include "codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "geometry.hpp"
#include "moments.hpp"

namespace tinybird_cdk::mysql {

namespace {

constexpr std::int64_t seconds_per_day = 86'400;

template <class Signed>
void decode_signed(const Decoder&, Wire& wire, RowWriter& writer, std::string&) {
    writer.int64(static_cast<Signed>(wire.number<std::make_unsigned_t<Signed>>()));
}

template <class Unsigned>
void decode_unsigned(const Decoder&, Wire& wire, RowWriter& writer, std::string&) {
    writer.uint64(wire.number<Unsigned>());
}

void decode_float(const Decoder&, Wire& wire, RowWriter& writer, std::string&) {
    writer.float32(std::bit_cast<float>(wire.number<std::uint32_t>()));
}

void decode_double(const Decoder&, Wire& wire, RowWriter& writer, std::string&) {
    writer.float64(std::bit_cast<double>(wire.number<std::uint64_t>()));
}

void decode_decimal(const Decoder&, Wire& wire, RowWriter& writer, std::string&) {
    writer.decimal(wire.text());
}

/// The highest byte first, unlike all else.
void decode_bit(const Decoder&, Wire& wire, RowWriter& writer, std::string&) {
    const std::string_view bytes = wire.text();
    if (bytes.size() > sizeof(std::uint64_t)) {
        throw MalformedData("a bit field is longer than 64 bits");
    }
    std::uint64_t value = 0;
    for (const char byte : bytes) {
        value = value << 8U | static_cast<unsigned char>(byte);
    }
    writer.uint64(value);
}

void decode_date(const Decoder&, Wire& wire, RowWriter& writer, std::string& scratch) {
    const Moment moment = read_moment(wire.text());
    if (const auto days = moment.days()) [[likely]] {
        writer.date(*days);
    } else {
        scratch.clear();
        append_date(scratch, moment);
        writer.zero_date(scratch);
    }
}

template <RowWriter::Zone zone>
void decode_datetime(const Decoder& self, Wire& wire, RowWriter& writer, std::string& scratch) {
    const Moment moment = read_moment(wire.text());
    if (const auto days = moment.days()) [[likely]] {
        writer.timestamp(*days * seconds_per_day + moment.seconds(), moment.microsecond * 1000, zone);
    } else {
        scratch.clear();
        append_datetime(scratch, moment, self.decimals);
        writer.zero_date(scratch);
    }
}

void decode_time(const Decoder&, Wire& wire, RowWriter& writer, std::string&) {
    writer.time(read_duration(wire.text()));
}

void decode_text(const Decoder&, Wire& wire, RowWriter& writer, std::string&) {
    writer.text(wire.text());
}

void decode_binary(const Decoder&, Wire& wire, RowWriter& writer, std::string&) {
    const std::string_view bytes = wire.text();
    writer.binary(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

void decode_json(const Decoder&, Wire& wire, RowWriter& writer, std::string&) {
    writer.json(wire.text());
}

/// What can't be read as a geometry is none (a function may give any bytes this type); an empty one is stored by old
/// MyISAM tables.
void decode_geometry(const Decoder&, Wire& wire, RowWriter& writer, std::string& scratch) {
    scratch.clear();
    append_geometry(scratch, wire.text());
    writer.text(scratch);
}

std::optional<unsigned int> hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return std::nullopt;
}

/// MariaDB's UUIDs go as text.
void decode_uuid(const Decoder&, Wire& wire, RowWriter& writer, std::string&) {
    std::array<std::byte, 16> uuid{};
    std::size_t digits = 0;
    for (const char c : wire.text()) {
        if (c == '-') {
            continue;
        }
        const auto digit = hex_digit(c);
        if (!digit || digits == uuid.size() * 2) {
            throw MalformedData("a UUID has other characters than UUIDs have, or too many");
        }
        uuid[digits / 2] = uuid[digits / 2] << 4U | std::byte(*digit);
        ++digits;
    }
    if (digits != uuid.size() * 2) {
        throw MalformedData("a UUID is too short");
    }
    writer.uuid(uuid);
}

Decoder::Decode text_decoder(const Field& field) noexcept {
    if (field.extended_type == "json") {
        return decode_json;
    }
    if (field.extended_type == "uuid") {
        return decode_uuid;
    }
    // ENUM and SET of a binary character set are still labels; addresses say "binary" of their text.
    const bool is_text = field.is_enum || field.is_set || field.extended_type.starts_with("inet");
    return field.is_binary && !is_text ? decode_binary : decode_text;
}

Decoder::Decode decode_for(const Field& field) noexcept {
    switch (field.type) {
        case MYSQL_TYPE_TINY:
            return field.is_unsigned ? decode_unsigned<std::uint8_t> : decode_signed<std::int8_t>;
        case MYSQL_TYPE_SHORT:
            return field.is_unsigned ? decode_unsigned<std::uint16_t> : decode_signed<std::int16_t>;
        case MYSQL_TYPE_YEAR:
            return decode_unsigned<std::uint16_t>;
        case MYSQL_TYPE_INT24:
        case MYSQL_TYPE_LONG:
            return field.is_unsigned ? decode_unsigned<std::uint32_t> : decode_signed<std::int32_t>;
        case MYSQL_TYPE_LONGLONG:
            return field.is_unsigned ? decode_unsigned<std::uint64_t> : decode_signed<std::int64_t>;
        case MYSQL_TYPE_FLOAT:
            return decode_float;
        case MYSQL_TYPE_DOUBLE:
            return decode_double;
        case MYSQL_TYPE_DECIMAL:
        case MYSQL_TYPE_NEWDECIMAL:
            return decode_decimal;
        case MYSQL_TYPE_BIT:
            return decode_bit;
        case MYSQL_TYPE_DATE:
        case MYSQL_TYPE_NEWDATE:
            return decode_date;
        case MYSQL_TYPE_DATETIME:
        case MYSQL_TYPE_DATETIME2:
            return decode_datetime<RowWriter::Zone::none>;
        case MYSQL_TYPE_TIMESTAMP:
        case MYSQL_TYPE_TIMESTAMP2:
            return decode_datetime<RowWriter::Zone::utc>;
        case MYSQL_TYPE_TIME:
        case MYSQL_TYPE_TIME2:
            return decode_time;
        case MYSQL_TYPE_JSON:
            return decode_json;
        case MYSQL_TYPE_GEOMETRY:
            return decode_geometry;
        default:
            return text_decoder(field);
    }
}

}  // namespace

Decoder decoder_for(const Field& field) noexcept {
    return {decode_for(field), field.decimals};
}

}  // namespace tinybird_cdk::mysql
