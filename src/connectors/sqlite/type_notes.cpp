// SPDX-License-Identifier: Apache-2.0
#include "type_notes.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <tinybird_cdk/export.hpp>

#include "database.hpp"
#include "query_rows.hpp"
#include "table_schema.hpp"
#include "type_map.hpp"

namespace tinybird_cdk::sqlite {

namespace {

/// A declared type and what its column holds: both decide. No example is a text that Tinybird alone can judge.
struct NotedType {
    std::string_view declared;
    std::string_view holds;                    ///< for people
    std::string_view values;                   ///< for SQLite, as in "(1), (2)"; empty: no value
    std::array<std::string_view, 4> examples;  ///< values that are there, or may come later
};

constexpr std::array noted_types{
    NotedType{"INTEGER", "integers", "(42), (-9223372036854775808)", {"-9223372036854775808", "1.5"}},
    NotedType{"BOOLEAN", "0 and 1", "(0), (1)", {"1", "2"}},
    NotedType{"BOOLEAN", "integers", "(0), (7)", {"7"}},
    NotedType{"DECIMAL(10,2)", "integers", "(5), (6)", {"5", "9007199254740993"}},
    NotedType{"REAL", "reals", "(0.1)", {"0.1", "9e999"}},
    NotedType{"NUMERIC", "integers and reals", "(1), (0.5)", {"1", "0.5", "9007199254740993"}},
    NotedType{"NUMERIC", "reals and integers beyond 2^53", "(9007199254740993), (0.5)", {"9007199254740993", "0.5"}},
    NotedType{"TEXT", "texts", "('a')", {"'a \"b\", é'", "''", "42"}},
    NotedType{"DATE", "dates", "('2024-02-29')", {"'2024-02-29'", "'9999-12-31'"}},
    NotedType{"DATE", "other texts too", "('2024-02-29'), ('29.2.2024')", {"'29.2.2024'"}},
    NotedType{"DATETIME",
              "dates with a time",
              "('2024-02-29 12:34:56'), ('2024-02-29T12:34:56.789')",
              {"'2024-02-29 12:34:56'", "'2024-02-29T12:34:56.789'", "'2024-02-29 12:34:56.7891'"}},
    NotedType{"TIMESTAMP",
              "dates with microseconds",
              "('2024-02-29 12:34:56.789012')",
              {"'2024-02-29 12:34:56.789012'", "'1800-01-01 00:00:00'"}},
    NotedType{"DATETIME", "integers (seconds since 1970)", "(1709210096)", {"1709210096"}},
    NotedType{"BLOB", "blobs", "(x'00ff10')", {"x'00ff10'"}},
    NotedType{"", "several kinds", "(1), ('a'), (x'00')", {"1", "0.5", "'a'", "x'00ff10'"}},
    NotedType{"INTEGER", "no value", "", {"42"}},
    NotedType{"REAL", "no value", "", {"0.1"}},
    NotedType{"VARCHAR(20)", "no value", "", {"'a'"}},
    NotedType{"DATETIME", "no value", "", {"'2024-02-29 12:34:56'"}},
};

DatabaseOptions in_memory() {
    DatabaseOptions options;
    options.path = ":memory:";
    return options;
}

Suggestion suggestion_for(const NotedType& type) {
    Database database(in_memory());
    const std::string rows = type.values.empty() ? "SELECT NULL WHERE 0" : "VALUES " + std::string(type.values);
    return suggest_type({.name = "c", .type = std::string(type.declared), .never_null = true, .in_key = false},
                        read_profiles(database, rows).at(0));
}

}  // namespace

std::vector<TypeNote> type_notes() {
    std::vector<TypeNote> notes;
    for (const NotedType& type : noted_types) {
        Suggestion suggestion = suggestion_for(type);
        TypeNote note{.source_type = std::string(type.declared) + (type.declared.empty() ? "no type" : "") +
                                     ", holds " + std::string(type.holds),
                      .target = std::move(suggestion.type),
                      .remark = std::move(suggestion.remark),
                      .examples = {}};
        for (const std::string_view literal : type.examples) {
            if (literal.empty()) {
                break;
            }
            note.examples.push_back({std::string(literal), [literal]() -> Export {
                                         ExportRequest request;
                                         request.query = "SELECT " + std::string(literal) + " AS c";
                                         return std::make_unique<QueryRows>(in_memory(), request);
                                     }});
        }
        notes.push_back(std::move(note));
    }
    return notes;
}

}  // namespace tinybird_cdk::sqlite
