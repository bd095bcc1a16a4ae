// SPDX-License-Identifier: Apache-2.0
#include "codec.hpp"

#include <array>
#include <bit>
#include <limits>
#include <span>

#include "notation.hpp"
#include "wire.hpp"

namespace tinybird_cdk::postgresql {

namespace {

/// PostgreSQL counts from 2000-01-01.
constexpr std::int64_t epoch_days = 10957;
constexpr std::int64_t epoch_seconds = epoch_days * 86400;
constexpr std::int64_t microseconds_per_second = 1'000'000;
/// src/include/utils/array.h
constexpr std::size_t most_dimensions = 6;
constexpr int version_with_infinite_intervals = 170000;

Wire exact(std::string_view bytes, std::size_t size) {
    if (bytes.size() != size) {
        throw MalformedData("a value has another length than its type");
    }
    return Wire(bytes);
}

void decode_boolean(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.boolean(exact(bytes, 1).byte() != 0);
}

void decode_int2(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.int64(exact(bytes, 2).int16());
}

void decode_int4(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.int64(exact(bytes, 4).int32());
}

void decode_int8(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.int64(exact(bytes, 8).int64());
}

void decode_uint4(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.int64(exact(bytes, 4).number<std::uint32_t>());
}

void decode_uint8(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.uint64(exact(bytes, 8).number<std::uint64_t>());
}

void decode_float4(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.float32(std::bit_cast<float>(exact(bytes, 4).number<std::uint32_t>()));
}

void decode_float8(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.float64(std::bit_cast<double>(exact(bytes, 8).number<std::uint64_t>()));
}

void decode_numeric(const Decoder&, std::string_view bytes, RowWriter& writer, std::string& scratch) {
    scratch.clear();
    append_numeric(scratch, bytes);
    writer.decimal(scratch);
}

void decode_text(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.text(bytes);
}

/// "char" holds one byte, zero stands for the empty text.
void decode_character(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    exact(bytes, 1);
    writer.text(bytes.front() == '\0' ? std::string_view() : bytes);
}

void decode_bytea(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.binary(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

void decode_date(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    const std::int32_t days = exact(bytes, 4).int32();
    if (days == std::numeric_limits<std::int32_t>::max() || days == std::numeric_limits<std::int32_t>::min()) {
        writer.infinite_date(days < 0);
    } else {
        writer.date(days + epoch_days);
    }
}

/// Seconds and microseconds apart: moved to 1970, the last years would not fit 64 bits of microseconds.
template <RowWriter::Zone zone>
void decode_timestamp(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    const std::int64_t value = exact(bytes, 8).int64();
    if (value == std::numeric_limits<std::int64_t>::max() || value == std::numeric_limits<std::int64_t>::min()) {
        writer.infinite_date(value < 0);
        return;
    }
    std::int64_t seconds = value / microseconds_per_second;
    std::int64_t fraction = value % microseconds_per_second;
    if (fraction < 0) {
        fraction += microseconds_per_second;
        --seconds;
    }
    writer.timestamp(seconds + epoch_seconds, static_cast<std::uint32_t>(fraction * 1000), zone);
}

std::int64_t checked_time(std::int64_t microseconds) {
    constexpr std::int64_t day = 86400 * microseconds_per_second;
    if (microseconds < 0 || microseconds > day) {
        throw MalformedData("a time of day is outside the day");
    }
    return microseconds * 1000;
}

void decode_time(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.time(checked_time(exact(bytes, 8).int64()));
}

void decode_timetz(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    Wire wire = exact(bytes, 12);
    const std::int64_t time = checked_time(wire.int64());
    const std::int32_t west = wire.int32();
    if (west <= -86400 || west >= 86400) {
        throw MalformedData("a time zone is more than a day off");
    }
    writer.time(time, -west);
}

/// An infinite interval is the largest or the smallest one in all of its parts (PostgreSQL source,
/// src/include/datatype/timestamp.h). Before there were infinite ones, these were intervals like others.
template <bool may_be_infinite>
void decode_interval(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    using Time = std::numeric_limits<std::int64_t>;
    using Count = std::numeric_limits<std::int32_t>;
    Wire wire = exact(bytes, 16);
    const std::int64_t microseconds = wire.int64();
    const std::int32_t days = wire.int32();
    const std::int32_t months = wire.int32();
    if constexpr (may_be_infinite) {
        const bool largest = microseconds == Time::max() && days == Count::max() && months == Count::max();
        const bool smallest = microseconds == Time::min() && days == Count::min() && months == Count::min();
        if (largest || smallest) {
            writer.infinite_date(smallest);
            return;
        }
    }
    writer.interval(months, days, microseconds);
}

void decode_uuid(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    exact(bytes, 16);
    writer.uuid(std::as_bytes(std::span<const char, 16>(bytes.data(), 16)));
}

void decode_json(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    writer.json(bytes);
}

/// A version in front (PostgreSQL source, jsonb_send); there is only one.
void decode_jsonb(const Decoder&, std::string_view bytes, RowWriter& writer, std::string&) {
    Wire wire(bytes);
    if (wire.byte() != 1) {
        throw MalformedData("jsonb of an unknown version");
    }
    writer.json(wire.rest());
}

template <auto Append>
void decode_notation(const Decoder&, std::string_view bytes, RowWriter& writer, std::string& scratch) {
    scratch.clear();
    Append(scratch, bytes);
    writer.text(scratch);
}

void append_mac6(std::string& out, std::string_view bytes) {
    append_mac_address(out, bytes, 6);
}
void append_mac8(std::string& out, std::string_view bytes) {
    append_mac_address(out, bytes, 8);
}

/// The elements of one dimension, and of those inside it.
void decode_dimension(const Decoder& self, std::span<const std::uint32_t> sizes, Wire& wire, RowWriter& writer,
                      std::string& scratch) {
    writer.begin_list();
    for (std::uint32_t i = 0; i < sizes.front(); ++i) {
        if (sizes.size() > 1) {
            decode_dimension(self, sizes.subspan(1), wire, writer, scratch);
            continue;
        }
        const std::int32_t size = wire.int32();
        if (size == -1) {
            writer.null();
        } else if (size < 0) {
            throw MalformedData("an array element has a negative length");
        } else {
            self.element(self, wire.take(static_cast<std::size_t>(size)), writer, scratch);
        }
    }
    writer.end_list();
}

/// Dimensions, whether there are NULLs, element type, size and lower bound of each dimension, elements (PostgreSQL
/// source, array_send).
void decode_array(const Decoder& self, std::string_view bytes, RowWriter& writer, std::string& scratch) {
    constexpr std::size_t least_element_size = 4;
    Wire wire(bytes);
    const auto dimensions = wire.number<std::uint32_t>();
    wire.int32();
    const auto type = wire.number<std::uint32_t>();
    if (dimensions > most_dimensions) {
        throw MalformedData("an array has more dimensions than there can be");
    }
    if (type != self.element_type) {
        throw MalformedData("an array has elements of another type than its column");
    }
    std::array<std::uint32_t, most_dimensions> sizes{};
    const std::span used = std::span(sizes).first(dimensions);
    for (std::uint32_t& size : used) {
        size = wire.number<std::uint32_t>();
        wire.int32();
    }
    if (dimensions == 0) {
        writer.begin_list();
        writer.end_list();
        wire.expect_end();
        return;
    }
    // Checked for all dimensions together: a few bytes could ask for any number of empty lists.
    std::size_t elements_left = wire.left() / least_element_size;
    for (const std::uint32_t size : used) {
        if (size == 0 || size > elements_left) {
            throw MalformedData("an array has more elements than bytes");
        }
        elements_left /= size;
    }
    decode_dimension(self, used, wire, writer, scratch);
    wire.expect_end();
}

Decoder::Decode scalar(oid::Oid type, int server_version) noexcept {
    switch (type) {
        case oid::boolean:
            return decode_boolean;
        case oid::bytea:
            return decode_bytea;
        case oid::character:
            return decode_character;
        case oid::int2:
            return decode_int2;
        case oid::int4:
            return decode_int4;
        case oid::int8:
            return decode_int8;
        case oid::oid:
        case oid::xid:
        case oid::cid:
            return decode_uint4;
        case oid::xid8:
            return decode_uint8;
        case oid::tid:
            return decode_notation<append_tuple_id>;
        case oid::text:
        case oid::name:
        case oid::varchar:
        case oid::bpchar:
        case oid::xml:
        case oid::unknown:
            return decode_text;
        case oid::json:
            return decode_json;
        case oid::jsonb:
            return decode_jsonb;
        case oid::float4:
            return decode_float4;
        case oid::float8:
            return decode_float8;
        case oid::numeric:
            return decode_numeric;
        case oid::date:
            return decode_date;
        case oid::time:
            return decode_time;
        case oid::timetz:
            return decode_timetz;
        case oid::timestamp:
            return decode_timestamp<RowWriter::Zone::none>;
        case oid::timestamptz:
            return decode_timestamp<RowWriter::Zone::utc>;
        case oid::interval:
            return server_version >= version_with_infinite_intervals ? decode_interval<true> : decode_interval<false>;
        case oid::uuid:
            return decode_uuid;
        case oid::inet:
        case oid::cidr:
            return decode_notation<append_network>;
        case oid::macaddr:
            return decode_notation<append_mac6>;
        case oid::macaddr8:
            return decode_notation<append_mac8>;
        case oid::bit:
        case oid::varbit:
            return decode_notation<append_bits>;
        case oid::pg_lsn:
            return decode_notation<append_log_position>;
        default:
            return nullptr;
    }
}

}  // namespace

Decoder scalar_decoder(oid::Oid type, int server_version) noexcept {
    if (type == oid::int2vector) {
        return array_decoder(oid::int2, oid::int2, server_version);
    }
    if (type == oid::oidvector) {
        return array_decoder(oid::oid, oid::oid, server_version);
    }
    return {scalar(type, server_version)};
}

Decoder array_decoder(oid::Oid element_type, oid::Oid sent_as, int server_version) noexcept {
    const Decoder::Decode element = scalar(sent_as, server_version);
    return element == nullptr ? Decoder{} : Decoder{decode_array, element, element_type};
}

}  // namespace tinybird_cdk::postgresql
