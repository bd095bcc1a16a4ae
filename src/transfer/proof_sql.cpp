// SPDX-License-Identifier: Apache-2.0
#include "transfer/proof_sql.hpp"

#include <charconv>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "encode/proof_forms.hpp"

namespace tinybird_cdk::transfer {

namespace {

using encode::ProofOrder;
using schema::Kind;

/// Each of an array of forms with its length in front; NULL has none.
std::string joined_sql(const std::string& forms, int depth) {
    return fmt::format(
        "arrayStringConcat(arrayMap(tb_cdk_f{0} -> ifNull(concat(toString(length(tb_cdk_f{0})), ':', tb_cdk_f{0}), "
        "'~'), {1}))",
        depth, forms);
}

std::string form_sql(const schema::Type& type, const std::string& value, int depth = 0);

/// As `encode::NestedForm` puts it together. Names of lambdas differ by depth.
std::string nested_form_sql(const schema::Type& type, const std::string& value, int depth) {
    const auto part = [&](std::size_t which, const std::string& name) {
        return form_sql(type.arguments().at(which), name, depth + 1);
    };
    if (type.kind() == Kind::array) {
        const std::string element = fmt::format("tb_cdk_x{}", depth);
        return joined_sql(fmt::format("arrayMap({} -> {}, {})", element, part(0, element), value), depth);
    }
    if (type.kind() == Kind::map) {
        const std::string key = fmt::format("tb_cdk_k{}", depth);
        const std::string mapped = fmt::format("tb_cdk_v{}", depth);
        const std::string entry = joined_sql(fmt::format("[{}, {}]", part(0, key), part(1, mapped)), depth);
        return joined_sql(fmt::format("arraySort(arrayMap(({}, {}) -> {}, mapKeys({}), mapValues({})))", key, mapped,
                                      entry, value, value),
                          depth);
    }
    std::string members;
    for (std::size_t i = 0; i < type.arguments().size(); ++i) {
        members += fmt::format("{}{}", i == 0 ? "" : ", ", part(i, fmt::format("tupleElement({}, {})", value, i + 1)));
    }
    return joined_sql(fmt::format("[{}]", members), depth);
}

/// The form of an expression of this type.
std::string form_sql(const schema::Type& type, const std::string& value, int depth) {
    switch (type.kind()) {
        case Kind::array:
        case Kind::map:
        case Kind::tuple:
            return nested_form_sql(type, value, depth);
        case Kind::float32:
            return fmt::format("if(isNaN({0}), 'nan', toString(reinterpretAsUInt32({0})))", value);
        case Kind::float64:
            return fmt::format("if(isNaN({0}), 'nan', toString(reinterpretAsUInt64({0})))", value);
        case Kind::decimal:
            return fmt::format("toDecimalString({}, {})", value, type.scale());
        case Kind::fixed_string:
            return fmt::format("replaceRegexpOne(toString({}), '\\\\x00+$', '')", value);
        case Kind::ipv6:
            return fmt::format("hex({})", value);
        case Kind::datetime:
        case Kind::datetime64:
            return fmt::format("toString({}, 'UTC')", value);
        default:
            return fmt::format("toString({})", value);
    }
}

/// The lowest or the highest. @param end "min" or "max"
std::string bound_sql(const schema::Type& type, const std::string& column, std::string_view end) {
    switch (encode::proof_order(type)) {
        case ProofOrder::number:
            return form_sql(type, fmt::format("{}OrNull({})", end, column));
        case ProofOrder::real:
            return form_sql(type, fmt::format("{}OrNullIf({}, NOT isNaN({}))", end, column, column));
        case ProofOrder::text:
            return fmt::format("hex(substring({}OrNull({}), 1, 64))", end, form_sql(type, column));
        case ProofOrder::none:
            break;
    }
    return {};
}

}  // namespace

std::string quoted_name(std::string_view name) {
    std::string text = "`";
    for (const char c : name) {
        if (c == '`' || c == '\\') {
            text += '\\';
        }
        text += c;
    }
    return text + "`";
}

std::string proof_query(std::string_view data_source, const std::vector<ProofColumn>& columns,
                        std::string_view condition) {
    std::string sql = "SELECT toString(count()) AS tb_cdk_rows";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string name = quoted_name(columns[i].name);
        const schema::Type& type = columns[i].type;
        sql += fmt::format(", toString(countIf(isNull({}))) AS tb_cdk_n{}", name, i);
        if (encode::has_proof(type)) {
            sql += fmt::format(", toString(ifNull(sum(xxHash64({})), 0)) AS tb_cdk_s{}", form_sql(type, name), i);
        }
        if (encode::has_proof(type) && encode::proof_order(type) != ProofOrder::none) {
            sql += fmt::format(", {} AS tb_cdk_l{}", bound_sql(type, name, "min"), i);
            sql += fmt::format(", {} AS tb_cdk_h{}", bound_sql(type, name, "max"), i);
        }
    }
    sql += fmt::format(" FROM {}", quoted_name(data_source));
    if (!condition.empty()) {
        // On lines of their own: a condition may end with a comment.
        sql += fmt::format(" WHERE (\n{}\n)", condition);
    }
    return sql;
}

std::uint64_t proof_number(const Value& value) {
    const std::string text = value.to_text();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw errors::NotProvedError(
            fmt::format("Tinybird's answer to the question what was loaded is not understood: \"{}\"", text));
    }
    return number;
}

}  // namespace tinybird_cdk::transfer
