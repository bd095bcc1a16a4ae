// SPDX-License-Identifier: Apache-2.0
#include "transfer/proof_sql.hpp"

#include <fmt/format.h>

#include "encode/proof_forms.hpp"

namespace tinybird_cdk::transfer {

namespace {

using encode::ProofOrder;
using schema::Kind;

/// The form of an expression of this type.
std::string form_sql(const schema::Type& type, const std::string& value) {
    switch (type.kind()) {
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

}  // namespace tinybird_cdk::transfer
