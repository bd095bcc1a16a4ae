// SPDX-License-Identifier: Apache-2.0
#include "mixed_table.hpp"

#include <random>
#include <string_view>

#include <fmt/format.h>

namespace tinybird_cdk::benchmarks {

namespace {

using Random = std::mt19937_64;

std::uint64_t below(Random& random, std::uint64_t limit) {
    return random() % limit;
}

std::string sentence(Random& random, std::size_t words) {
    constexpr std::array<std::string_view, 12> vocabulary{"order",     "\"quoted\"", "naïve", "two\nlines",
                                                          "warehouse", "東京",       "it's",  "shipment",
                                                          "a,b",       "customer",   "late",  "of"};
    std::string text;
    for (std::size_t i = 0; i < words; ++i) {
        // One word in eight is one of the odd ones.
        const std::size_t word = below(random, 8) == 0 ? below(random, vocabulary.size()) : 7 + below(random, 5);
        text += vocabulary.at(word);
        text += i + 1 < words ? " " : "";
    }
    return text;
}

}  // namespace

std::vector<OutputColumn> mixed_columns(bool with_targets) {
    const std::vector<std::pair<std::string, std::string>> columns{
        {"id", "Int64"},
        {"quantity", "Int32"},
        {"price", "Decimal(18, 4)"},
        {"ratio", "Float64"},
        {"active", "Bool"},
        {"name", "Nullable(String)"},
        {"note", "String"},
        {"day", "Date"},
        {"created", "DateTime64(6)"},
        {"updated", "DateTime64(6)"},
        {"key", "UUID"},
        {"document", "String"},
        {"scores", "Array(Int32)"},
    };
    std::vector<OutputColumn> result;
    for (const auto& [name, type] : columns) {
        result.push_back({name, with_targets ? std::optional(schema::Type::parse(type)) : std::nullopt, true});
    }
    return result;
}

std::vector<MixedRow> mixed_rows(std::size_t count) {
    Random random(20240229);
    std::vector<MixedRow> rows(count);
    for (std::size_t i = 0; i < count; ++i) {
        MixedRow& row = rows[i];
        row.id = static_cast<std::int64_t>(i * 1'000'003);
        row.quantity = static_cast<std::int64_t>(below(random, 100'000)) - 500;
        row.price = fmt::format("{}.{:04}", below(random, 100'000), below(random, 10'000));
        row.ratio = static_cast<double>(random() >> 11U) * 0x1.0p-53;
        row.active = below(random, 2) == 0;
        if (below(random, 5) != 0) {
            row.name = sentence(random, 2);
        }
        row.note = sentence(random, 5);
        row.day = static_cast<std::int64_t>(below(random, 20'000));
        row.created_seconds = static_cast<std::int64_t>(below(random, 1'800'000'000));
        row.created_nanoseconds = static_cast<std::uint32_t>(below(random, 1'000'000) * 1000);
        row.updated_seconds = static_cast<std::int64_t>(below(random, 1'800'000'000));
        row.updated_nanoseconds = static_cast<std::uint32_t>(below(random, 1'000'000) * 1000);
        for (std::byte& byte : row.key) {
            byte = static_cast<std::byte>(random());
        }
        row.document =
            fmt::format(R"({{"k": {}, "tags": ["a", "b"], "s": "x{}"}})", below(random, 1000), below(random, 9));
        row.scores.resize(below(random, 5));
        for (std::int64_t& score : row.scores) {
            score = static_cast<std::int64_t>(below(random, 10'000));
        }
    }
    return rows;
}

void write(RowWriter& writer, const MixedRow& row) {
    writer.begin_row();
    writer.int64(row.id);
    writer.int64(row.quantity);
    writer.decimal(row.price);
    writer.float64(row.ratio);
    writer.boolean(row.active);
    if (row.name) {
        writer.text(*row.name);
    } else {
        writer.null();
    }
    writer.text(row.note);
    writer.date(row.day);
    writer.timestamp(row.created_seconds, row.created_nanoseconds, RowWriter::Zone::none);
    writer.timestamp(row.updated_seconds, row.updated_nanoseconds, RowWriter::Zone::utc);
    writer.uuid(row.key);
    writer.json(row.document);
    writer.begin_list();
    for (const std::int64_t score : row.scores) {
        writer.int64(score);
    }
    writer.end_list();
    writer.end_row();
}

}  // namespace tinybird_cdk::benchmarks
