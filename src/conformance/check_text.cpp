// SPDX-License-Identifier: Apache-2.0
//
// Text and shapes of rows that go wrong easily: NULL and '', random text, many columns, a very long value.
#include "conformance/checks.hpp"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "conformance/placeholders.hpp"

namespace tinybird_cdk::conformance {

namespace {

std::string hex_of(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
    return digits;
}

/// A table (id, v) of texts, which hold no single quote and no backslash.
void make_texts(Trial& trial, const std::string& name, const std::vector<std::optional<std::string>>& texts) {
    std::vector<std::string> inserts;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        inserts.push_back(fmt::format("INSERT INTO {} VALUES ({}, {})", trial.table(name), i,
                                      texts[i] ? "'" + *texts[i] + "'" : std::string("NULL")));
    }
    trial.make_table(name,
                     fmt::format("id {} NOT NULL, v {} {}", trial.dialect().integer, trial.dialect().text,
                                 trial.dialect().column_null),
                     inserts);
}

void expect_texts(Trial& trial, const std::string& target, const std::vector<std::optional<std::string>>& texts) {
    const auto arrived = trial.ask("if(isNull(v), 'NULL', lower(hex(v)))", target, "ORDER BY id");
    expect_equal("rows", texts.size(), arrived.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::string expected = texts[i] ? hex_of(*texts[i]) : "NULL";
        if (arrived[i] != expected) {
            fail("the text " + (texts[i] ? "\"" + *texts[i] + "\"" : std::string("NULL")), expected, arrived[i]);
        }
    }
}

/// Makes a table of texts when it is first asked for, and loads it.
void check_texts(Trial& trial, Recorder& recorder, const std::string& table,
                 const std::vector<std::optional<std::string>>& texts) {
    bool made = false;
    recorder.each_format([&](Format format) {
        if (!made) {
            make_texts(trial, table, texts);
            made = true;
        }
        const std::string target = trial.make_data_source(schema_of({{"id", "Int64"}, {"v", "Nullable(String)"}}));
        trial.connector()->append("SELECT id, v FROM " + trial.table(table), target, trial.load_options(format));
        expect_texts(trial, target, texts);
    });
}

}  // namespace

void check_null_and_empty(Trial& trial, Recorder& recorder) {
    check_texts(trial, recorder, "null_and_empty",
                {"", std::nullopt, "NULL", "null", "None", "nan", " ", "\n", "\"\"", "\"", ",", "0", std::nullopt, ""});
}

void check_random_text(Trial& trial, Recorder& recorder) {
    constexpr int count = 300;
    std::vector<std::optional<std::string>> texts;
    for (int i = 0; i < count; ++i) {
        texts.push_back(trial.random().below(10) == 0 ? std::nullopt : std::optional(trial.random().text()));
    }
    check_texts(trial, recorder, "random_text", texts);
}

void check_wide_rows(Trial& trial, Recorder& recorder) {
    constexpr std::size_t rows = 3;
    const std::size_t width = trial.dialect().most_columns - 1;
    std::optional<schema::Schema> suggested;
    const auto prepare = [&] {
        std::string definition = "id " + trial.dialect().integer + " NOT NULL";
        for (std::size_t i = 0; i < width; ++i) {
            definition += fmt::format(", c{} {} NOT NULL", i, trial.dialect().integer);
        }
        std::vector<std::string> inserts;
        for (std::size_t row = 0; row < rows; ++row) {
            std::string values = std::to_string(row);
            for (std::size_t i = 0; i < width; ++i) {
                values += fmt::format(", {}", (row + 1) * 1000 + i);
            }
            inserts.push_back(fmt::format("INSERT INTO {} VALUES ({})", trial.table("wide"), values));
        }
        trial.make_table("wide", definition, inserts);
        suggested = trial.connector()->suggest_schema(trial.parents("wide"));
    };
    recorder.each_format([&](Format format) {
        if (!suggested) {
            prepare();
        }
        expect_equal("columns of the suggested schema", width + 1, suggested->columns.size());
        const std::string target = trial.make_data_source(*suggested);
        const auto connector = trial.connector();
        connector->append(connector->ingest_query(*suggested), target, trial.load_options(format));
        std::string list;
        std::string expected;
        for (std::size_t i = 0; i < width; ++i) {
            list += fmt::format("{}toInt64(assumeNotNull(c{}))", i == 0 ? "" : ", ", i);
        }
        const auto arrived = trial.ask("toString([" + list + "])", target, "ORDER BY id");
        expect_equal("rows", rows, arrived.size());
        for (std::size_t row = 0; row < rows; ++row) {
            expected = "[";
            for (std::size_t i = 0; i < width; ++i) {
                expected += fmt::format("{}{}", i == 0 ? "" : ",", (row + 1) * 1000 + i);
            }
            expect_equal("the values of a row", expected + "]", arrived[row]);
        }
    });
}

void check_long_text(Trial& trial, Recorder& recorder) {
    // 4,000 bytes to begin with: doubled, that comes to 65.5 MB, and Tinybird takes records of 64 MiB.
    const std::string piece = "0123456789abcdé";
    constexpr std::size_t first_repeats = 250;
    std::uint64_t repeats = first_repeats;
    bool made = false;
    const auto prepare = [&] {
        std::string begin;
        for (std::size_t i = 0; i < first_repeats; ++i) {
            begin += piece;
        }
        const std::string name = trial.table("long_text");
        std::vector<std::string> statements{fmt::format("INSERT INTO {} VALUES (1, '{}')", name, begin)};
        for (; repeats * piece.size() < trial.options().long_text_bytes; repeats *= 2) {
            statements.push_back(
                fmt::format("UPDATE {} SET v = {}", name, filled(trial.dialect().concat, {{"a", "v"}, {"b", "v"}})));
        }
        trial.make_table("long_text",
                         fmt::format("id {} NOT NULL, v {} {}", trial.dialect().integer, trial.dialect().text,
                                     trial.dialect().column_null),
                         statements);
        made = true;
    };
    recorder.each_format([&](Format format) {
        if (!made) {
            prepare();
        }
        const std::string target = trial.make_data_source(schema_of({{"id", "Int64"}, {"v", "Nullable(String)"}}));
        trial.connector()->append("SELECT id, v FROM " + trial.table("long_text"), target, trial.load_options(format));
        expect_equal("rows", 1, trial.count(target));
        expect_equal("bytes of the text", repeats * piece.size(),
                     std::stoull(trial.ask("length(assumeNotNull(v))", target).at(0)));
        // ClickHouse repeats a million times at most.
        expect_equal(
            "the text is the same", "1",
            trial
                .ask(fmt::format("v = repeat(repeat('{}', {}), {})", piece, first_repeats, repeats / first_repeats),
                     target)
                .at(0));
        trial.drop_data_source(target);
    });
    if (made) {
        trial.drop_table("long_text");
    }
}

}  // namespace tinybird_cdk::conformance
