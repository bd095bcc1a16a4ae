// SPDX-License-Identifier: Apache-2.0
#include "type_map.hpp"

#include <algorithm>
#include <cstdint>

namespace tinybird_cdk::sqlite {

namespace {

std::string upper_case(std::string_view text) {
    std::string upper(text);
    std::transform(upper.begin(), upper.end(), upper.begin(), [](char character) {
        return character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character;
    });
    return upper;
}

bool declares_boolean(std::string_view upper) {
    return upper.starts_with("BOOL");
}

bool declares_date_and_time(std::string_view upper) {
    return upper.starts_with("DATETIME") || upper.starts_with("TIMESTAMP");
}

bool declares_moment(std::string_view upper) {
    return upper.starts_with("DATE") || declares_date_and_time(upper);
}

/// "3 integers, 1 text": what a mixed column holds.
std::string mixture(const ColumnProfile& profile) {
    std::string text;
    const auto add = [&text](std::uint64_t count, std::string_view one, std::string_view many) {
        if (count > 0) {
            text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(count == 1 ? one : many);
        }
    };
    add(profile.integers, "integer", "integers");
    add(profile.reals, "real", "reals");
    add(profile.texts, "text", "texts");
    add(profile.blobs, "blob", "blobs");
    return text;
}

/// Nothing was seen: only the declaration is left to go by.
Suggestion by_declaration(std::string_view declared) {
    const std::string upper = upper_case(declared);
    if (declares_boolean(upper)) {
        return {schema::Bool(), "holds no value yet: typed by its declaration"};
    }
    if (declares_moment(upper)) {
        return {schema::String(), "holds no value yet: String holds whatever notation of dates comes"};
    }
    switch (affinity_of(declared)) {
        case Affinity::integer:
            return {schema::Int64(), "holds no value yet: typed by its declaration"};
        case Affinity::real:
        case Affinity::numeric:
            return {schema::Float64(), "holds no value yet: typed by its declaration"};
        default:
            return {schema::String(), "holds no value yet: typed by its declaration"};
    }
}

Suggestion for_integers(std::string_view declared, const ColumnProfile& profile) {
    if (declares_boolean(upper_case(declared)) && profile.not_boolean == 0) {
        return {schema::Bool(), {}};
    }
    // DECIMAL(10, 2) and its kin keep 5.00 as the integer 5: the next value may have a fraction.
    const bool may_have_fraction = declared.find(',') != std::string_view::npos;
    if (may_have_fraction && profile.not_as_double == 0) {
        return {schema::Float64(), "holds integers only, but is declared with digits behind the point"};
    }
    return {schema::Int64(), {}};
}

Suggestion for_numbers(const ColumnProfile& profile) {
    if (profile.integers == 0) {
        return {schema::Float64(), {}};
    }
    if (profile.not_as_double == 0) {
        return {schema::Float64(), "mixes " + mixture(profile) + "; a double holds each of them exactly"};
    }
    return {schema::String(), "mixes " + mixture(profile) + ", and a double does not hold all of the integers"};
}

Suggestion for_texts(std::string_view declared, const ColumnProfile& profile) {
    const std::string upper = upper_case(declared);
    if (!declares_moment(upper)) {
        return {schema::String(), {}};
    }
    // The years of Date32 and DateTime64 (https://clickhouse.com/docs/sql-reference/data-types/datetime64); with nine
    // digits of a second an Int64 of ticks ends in April 2262.
    const int last_year = profile.fraction_digits > 6 ? 2261 : 2299;
    if (!profile.texts_are_moments() || profile.first_year < 1900 || profile.last_year > last_year) {
        return {schema::String(), "not every value is YYYY-MM-DD[ HH:MM:SS[.fraction]] from 1900 to " +
                                      std::to_string(last_year) + ": kept as text"};
    }
    if (profile.datetimes == 0 && !declares_date_and_time(upper)) {
        return {schema::Date32(), {}};
    }
    // SQLite's own functions write milliseconds at most; programs write micro- and nanoseconds.
    const int precision = profile.fraction_digits <= 3 ? 3 : profile.fraction_digits <= 6 ? 6 : 9;
    return {schema::DateTime64(precision), profile.dates == 0 ? std::string() : "dates without a time become midnight"};
}

}  // namespace

Affinity affinity_of(std::string_view declared_type) {
    const std::string upper = upper_case(declared_type);
    const auto has = [&upper](std::string_view part) { return upper.find(part) != std::string::npos; };
    if (has("INT")) {
        return Affinity::integer;
    }
    if (has("CHAR") || has("CLOB") || has("TEXT")) {
        return Affinity::text;
    }
    if (has("BLOB") || upper.empty()) {
        return Affinity::blob;
    }
    if (has("REAL") || has("FLOA") || has("DOUB")) {
        return Affinity::real;
    }
    return Affinity::numeric;
}

Suggestion suggest_type(const DeclaredColumn& column, const ColumnProfile& profile) {
    Suggestion suggestion;
    if (profile.values() == 0) {
        suggestion = by_declaration(column.type);
    } else if (profile.values() == profile.integers) {
        suggestion = for_integers(column.type, profile);
    } else if (profile.values() == profile.integers + profile.reals) {
        suggestion = for_numbers(profile);
    } else if (profile.values() == profile.texts) {
        suggestion = for_texts(column.type, profile);
    } else if (profile.values() == profile.blobs) {
        suggestion = {schema::String(), "bytes, written as base64"};
    } else {
        suggestion = {schema::String(), "mixes " + mixture(profile) + ": kept as text" +
                                            (profile.blobs > 0 ? ", the bytes as base64" : "")};
    }
    // A column that may be NULL may become so later; one that is NULL against its declaration is so now.
    suggestion.type = suggestion.type.with_nullable(!column.never_null || profile.nulls > 0);
    return suggestion;
}

}  // namespace tinybird_cdk::sqlite
