// SPDX-License-Identifier: Apache-2.0
#include "type_notes.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/record_batches.hpp>

#include "source.hpp"

namespace tinybird_cdk::duckdb {

namespace {

struct NotedType {
    std::string_view name;
    std::array<std::string_view, 3> literals;
};

constexpr std::array noted_types{
    NotedType{"BOOLEAN", {"true"}},
    NotedType{"TINYINT", {"-128"}},
    NotedType{"SMALLINT", {"-32768"}},
    NotedType{"INTEGER", {"-2147483648"}},
    NotedType{"BIGINT", {"'-9223372036854775808'"}},
    NotedType{"HUGEINT", {"'170141183460469231731687303715884105727'"}},
    NotedType{"UTINYINT", {"255"}},
    NotedType{"USMALLINT", {"65535"}},
    NotedType{"UINTEGER", {"4294967295"}},
    NotedType{"UBIGINT", {"18446744073709551615"}},
    NotedType{"UHUGEINT", {"'340282366920938463463374607431768211455'"}},
    NotedType{"BIGNUM", {"'-12345678901234567890123456789012345678901234567890'"}},
    NotedType{"FLOAT", {"0.1", "'nan'"}},
    NotedType{"DOUBLE", {"0.1", "'-infinity'"}},
    NotedType{"DECIMAL(10,2)", {"-1234.50"}},
    NotedType{"DECIMAL(38,10)", {"0.0000000001"}},
    NotedType{"VARCHAR", {"'a \"b\", é'", "''"}},
    NotedType{"BLOB", {"'\\x00\\xFF\\x10'"}},
    NotedType{"BIT", {"'10110'"}},
    NotedType{"UUID", {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"}},
    NotedType{"DATE", {"'2024-02-29'", "'infinity'", "'0044-03-15 (BC)'"}},
    NotedType{"TIME", {"'04:05:06.789'"}},
    NotedType{"TIMETZ", {"'04:05:06.789-03:30'"}},
    NotedType{"TIMESTAMP_S", {"'2024-02-29 12:34:56'"}},
    NotedType{"TIMESTAMP_MS", {"'2024-02-29 12:34:56.789'"}},
    NotedType{"TIMESTAMP", {"'2024-02-29 12:34:56.789'", "'-infinity'", "'9999-12-31 23:59:59'"}},
    NotedType{"TIMESTAMP_NS", {"'2024-02-29 12:34:56.789012345'"}},
    NotedType{"TIMESTAMPTZ", {"'2024-02-29 12:34:56.789+02'"}},
    NotedType{"INTERVAL", {"'1 year 2 months -3 days 04:05:06.789'"}},
    NotedType{"ENUM('ok', 'no')", {"'ok'"}},
    NotedType{"INTEGER[]", {"[1, NULL, 3]"}},
    NotedType{"INTEGER[2]", {"[1, 2]"}},
    NotedType{"VARCHAR[][]", {"[['a', NULL], []]"}},
    NotedType{"STRUCT(a INTEGER, b VARCHAR)", {"{'a': 1, 'b': 'x'}"}},
    NotedType{"MAP(VARCHAR, INTEGER)", {"MAP {'k': 1}"}},
    NotedType{"MAP(DATE, INTEGER)", {"MAP {'2024-02-29'::DATE: 1}"}},
    NotedType{"UNION(i INTEGER, t VARCHAR)", {"'x'", "5"}},
};

std::string query_of(const NotedType& type, std::string_view literal) {
    return "SELECT CAST(" + std::string(literal) + " AS " + std::string(type.name) + ") AS c";
}

}  // namespace

std::vector<TypeNote> type_notes() {
    const Environment environment = Environment::process().with("DUCKDB_DATABASE", ":memory:");
    const adbc::Source source = source_from(environment);
    adbc::Connection connection(source, environment);
    std::vector<TypeNote> notes;
    for (const NotedType& type : noted_types) {
        const OwnedArrowSchema columns = connection.query(query_of(type, type.literals.front())).schema();
        SuggestedType suggested = suggest_type(*columns->children[0], false);
        TypeNote note{.source_type = std::string(type.name),
                      .target = std::move(suggested.type),
                      .remark = std::move(suggested.remark),
                      .examples = {}};
        for (const std::string_view literal : type.literals) {
            if (literal.empty()) {
                break;
            }
            note.examples.push_back(
                {std::string(literal), [source, environment, query = query_of(type, literal)]() -> Export {
                     return adbc::query_batches(source, environment, query, std::nullopt, {});
                 }});
        }
        notes.push_back(std::move(note));
    }
    return notes;
}

}  // namespace tinybird_cdk::duckdb
