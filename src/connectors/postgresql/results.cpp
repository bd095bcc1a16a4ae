// SPDX-License-Identifier: Apache-2.0
#include "results.hpp"

#include <charconv>
#include <string>
#include <string_view>

#include "oids.hpp"

namespace tinybird_cdk::postgresql {

namespace {

template <class Number>
Value number_or_text(std::string_view text) {
    Number number{};
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec == std::errc() && result.ptr == text.data() + text.size()) {
        return number;
    }
    return std::string(text);
}

bool is_plain_number(std::string_view text) {
    return text.find_first_not_of("-0123456789.") == std::string_view::npos;
}

Value value_of(oid::Oid type, std::string_view text) {
    switch (type) {
        case oid::boolean:
            return text == "t";
        case oid::int2:
        case oid::int4:
        case oid::int8:
        case oid::oid:
            return number_or_text<std::int64_t>(text);
        case oid::float4:
        case oid::float8:
            // NaN and the infinities stay text: JSON has no such numbers.
            return is_plain_number(text.substr(0, text.find('e'))) ? number_or_text<double>(text)
                                                                   : Value(std::string(text));
        case oid::numeric:
            return is_plain_number(text) ? Value(Value::Digits{std::string(text)}) : Value(std::string(text));
        default:
            return std::string(text);
    }
}

}  // namespace

ResultSet rows_of(const PGresult* result) {
    ResultSet rows;
    const int columns = PQnfields(result);
    for (int i = 0; i < PQntuples(result); ++i) {
        Value::Record row;
        for (int j = 0; j < columns; ++j) {
            const auto size = static_cast<std::size_t>(PQgetlength(result, i, j));
            row.emplace_back(PQfname(result, j), PQgetisnull(result, i, j) != 0
                                                     ? Value(nullptr)
                                                     : value_of(PQftype(result, j), {PQgetvalue(result, i, j), size}));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace tinybird_cdk::postgresql
