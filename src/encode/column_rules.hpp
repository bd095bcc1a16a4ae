// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::encode {

/// What a target column takes, as far as the kit looks.
enum class Accept : std::uint8_t {
    unknown,  ///< the target is not known: every hazard is one
    text,     ///< String: the text of any value
    inside,   ///< what is nested inside a text or a JSON document: anything, as JSON writes it
    fixed_text,
    integer,
    float32,
    float64,
    decimal,
    boolean,
    date,
    date32,
    datetime,
    datetime64,
    json,
    label,  ///< Enum8, Enum16
    list,
    tuple,
    map,
    opaque,  ///< UUID, IP addresses, geo, …: the server reads the text
};

/// The rules of one column or of one element inside it, compiled once from the target's type.
struct Rule {
    Accept accept = Accept::unknown;
    bool nullable = true;
    bool valid_utf8 = false;  ///< the source vouches for the encoding of its text
    bool is_signed = true;    ///< integer
    int bits = 64;            ///< integer
    int precision = 0;        ///< decimal: digits in all; datetime64: digits of the fraction; fixed_text: bytes
    int scale = 0;            ///< decimal
    std::int64_t low = 0;     ///< integer up to 64 bits: the smallest; dates: the first second
    std::uint64_t high = 0;   ///< integer up to 64 bits: the largest; dates: the last second
    /// What stands behind an instant so that it is read as UTC; empty where that needs no mark.
    std::string_view utc_mark;
    std::vector<std::string> labels;
    std::vector<Rule> children;      ///< list: the element; map: key and value; tuple: its members
    std::vector<std::string> names;  ///< of a tuple's members
    std::string type;                ///< for messages

    /// An integer that fits 64 bits either way needs no look.
    [[nodiscard]] bool takes_any_int64() const noexcept {
        return accept == Accept::unknown || accept == Accept::inside ||
               (accept == Accept::integer && is_signed && bits >= 64);
    }
    [[nodiscard]] bool is_date() const noexcept { return accept >= Accept::date && accept <= Accept::datetime64; }
    /// Holds days, not times.
    [[nodiscard]] bool is_day() const noexcept { return accept == Accept::date || accept == Accept::date32; }
    [[nodiscard]] bool is_any_text() const noexcept { return accept == Accept::text || accept == Accept::inside; }
};

/// @param target nothing: unknown
Rule make_rule(const std::optional<schema::Type>& target, bool valid_utf8);

/// The years that ClickHouse's DateTime64 and Date32 hold: for columns whose type is not known.
const Rule& unknown_date_rule();

/// Of a value about whose target nothing is known.
const Rule& unknown_rule(bool valid_utf8);
/// Of what is nested inside a text or a JSON document.
const Rule& inside_rule(bool valid_utf8);

}  // namespace tinybird_cdk::encode
