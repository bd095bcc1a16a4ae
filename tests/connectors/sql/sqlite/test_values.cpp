// SPDX-License-Identifier: Apache-2.0
//
// Every kind of value that SQLite can store, through both formats into Tinybird and back, compared value by value.
#include <bit>
#include <cfloat>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "connectors/sql/sqlite/sqlite_file.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::Blob;
using testing::SqliteFile;
using testing::Stored;
using testing::Target;

/// Text is compared as hexadecimal digits: no notation on the way back can hide a difference.
std::string hex(std::string_view bytes) {
    std::string digits;
    for (const char byte : bytes) {
        digits += fmt::format("{:02X}", static_cast<unsigned char>(byte));
    }
    return digits;
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    unsigned bits = 0;
    int count = 0;
    for (const char byte : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(byte);
        for (count += 8; count >= 6; count -= 6) {
            text += alphabet[bits >> static_cast<unsigned>(count - 6) & 0x3FU];
        }
    }
    if (count > 0) {
        text += alphabet[bits << static_cast<unsigned>(6 - count) & 0x3FU];
    }
    return text.append((4 - text.size() % 4) % 4, '=');
}

/// What a stored value is in a String column.
struct AsText {
    std::optional<std::string> operator()(std::nullptr_t) const { return std::nullopt; }
    std::optional<std::string> operator()(std::int64_t value) const { return std::to_string(value); }
    std::optional<std::string> operator()(double value) const { return fmt::format("{}", value); }
    std::optional<std::string> operator()(const std::string& value) const { return value; }
    std::optional<std::string> operator()(const Blob& value) const { return base64(value.bytes); }
};

/// The way a column of a type is read back, and what a stored value must then look like.
struct ReadBack {
    std::string_view expression;
    std::optional<std::string> (*expected)(const Stored&);
};

const ReadBack as_integer{"toString(v)", [](const Stored& stored) { return std::visit(AsText{}, stored); }};
const ReadBack as_bits{
    "toString(reinterpretAsUInt64(v))", [](const Stored& stored) {
        const auto* value = std::get_if<double>(&stored);
        return value == nullptr ? std::nullopt : std::optional(std::to_string(std::bit_cast<std::uint64_t>(*value)));
    }};
const ReadBack as_bytes{"hex(v)", [](const Stored& stored) {
                            const auto text = std::visit(AsText{}, stored);
                            return text ? std::optional(hex(*text)) : std::nullopt;
                        }};

class TestSqliteValues : public ::testing::TestWithParam<Format> {
protected:
    /// Stores the values in a column, suggests its schema, loads it, reads it back and compares.
    void expect_unchanged(const std::string& declared, const std::string& suggested, const ReadBack& read_back,
                          const std::vector<Stored>& values) {
        file.execute("DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, v " + declared + ")");
        for (std::size_t index = 0; index < values.size(); ++index) {
            file.insert("t", {static_cast<std::int64_t>(index), values[index]});
        }
        const auto connector = sql_connector_for("sqlite", file.environment(testing::tinybird_environment()));
        const schema::Schema schema = connector->suggest_schema({{"table", "t"}});
        EXPECT_EQ(schema.columns.at(1).type.to_string(), suggested);
        Target target(schema);
        LoadOptions options;
        options.format = GetParam();
        options.on_quarantine = tinybird::OnQuarantine::fail;
        options.verify = true;
        const LoadResult result = connector->append(connector->ingest_query(schema), target.name(), options);
        EXPECT_EQ(result.rows, values.size());

        // SQLite itself changes some values when it stores them (a NaN is a NULL): what counts is what it holds.
        const auto source = file.read("SELECT v FROM t ORDER BY id");
        const ResultSet loaded = target.query(std::string(read_back.expression) + " AS w", "ORDER BY id");
        ASSERT_EQ(loaded.size(), source.size());
        for (std::size_t index = 0; index < source.size(); ++index) {
            const auto expected = read_back.expected(source[index][0]);
            EXPECT_EQ(loaded[index].at(0).second, expected ? Value(*expected) : Value())
                << "value " << index << " of a column " << declared;
        }
    }

    SqliteFile file;
};

INSTANTIATE_TEST_SUITE_P(Formats, TestSqliteValues, ::testing::Values(Format::csv, Format::ndjson, Format::parquet),
                         [](const auto& parameter) { return std::string(formats::name(parameter.param)); });

using Limits = std::numeric_limits<double>;

TEST_P(TestSqliteValues, Integers) {
    expect_unchanged("INTEGER", "Nullable(Int64)", as_integer,
                     {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX, std::int64_t{9007199254740993},
                      std::int64_t{-9007199254740993}, nullptr});
}

TEST_P(TestSqliteValues, Reals) {
    expect_unchanged("REAL", "Nullable(Float64)", as_bits,
                     {0.0,
                      0.1,
                      1.0 / 3,
                      -5.0,
                      1e-7,
                      123456789.125,
                      1e15,
                      1e21,
                      1e22,
                      1e308,
                      DBL_MAX,
                      -DBL_MAX,
                      DBL_MIN,
                      Limits::denorm_min(),
                      2.2250738585072011e-308,
                      9007199254740993.0,
                      Limits::infinity(),
                      -Limits::infinity(),
                      Limits::quiet_NaN(),
                      nullptr});
}

// A column that declares nothing stores a double as it is: with affinity REAL this one is stored as the integer 0.
TEST_P(TestSqliteValues, NegativeZero) {
    expect_unchanged("", "Nullable(Float64)", as_bits, {-0.0, 0.0});
}

TEST_P(TestSqliteValues, Texts) {
    std::vector<Stored> values{std::string(),
                               nullptr,
                               std::string("plain"),
                               std::string("\"quoted\" and \"\""),
                               std::string("\""),
                               std::string("it's"),
                               std::string("a,b;c\td"),
                               std::string("\\N"),
                               std::string("\\\\N \\n \\"),
                               std::string("NULL"),
                               std::string("null"),
                               std::string("ᴺᵁᴸᴸ"),
                               std::string("line\nbreak"),
                               std::string("line\r\nbreak\r"),
                               std::string("\n"),
                               std::string("  spaces  "),
                               std::string("a\0b", 3),
                               std::string("\0", 1),
                               std::string("naïve €𝄞 \u2028 é"),
                               std::string("\xEF\xBB\xBF with a mark"),
                               std::string("{\"json\": [1, \"\\u00e9\"], \"json\": 2}"),
                               std::string("true"),
                               std::string("1.50"),
                               std::string("007"),
                               std::string(100'000, 'x')};
    std::string controls;
    for (char character = 1; character < 0x20; ++character) {
        controls += character;
    }
    values.emplace_back(controls + "\x7F");
    std::string long_and_odd;
    while (long_and_odd.size() < 100'000) {
        long_and_odd += "\"é\",\r\n\\";
    }
    values.emplace_back(long_and_odd);
    expect_unchanged("TEXT", "Nullable(String)", as_bytes, values);
}

TEST_P(TestSqliteValues, Blobs) {
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) {
        every_byte += static_cast<char>(byte);
    }
    std::string large;
    while (large.size() < 100'000) {
        large += every_byte;
    }
    expect_unchanged("BLOB", "Nullable(String)", as_bytes,
                     {Blob{}, Blob{std::string("\0", 1)}, Blob{"a"}, Blob{"ab"}, Blob{"abc"}, Blob{every_byte},
                      Blob{large}, nullptr});
}

TEST_P(TestSqliteValues, MixedColumns) {
    expect_unchanged("NUMERIC", "Nullable(String)", as_bytes,
                     {std::int64_t{9007199254740993}, 0.5, std::string("text"), std::string(), Blob{"\xFF\xFE"},
                      nullptr, std::string("NULL"), INT64_MIN});
}

TEST_P(TestSqliteValues, Booleans) {
    expect_unchanged("BOOLEAN", "Nullable(Bool)", {"toString(toUInt8(v))", as_integer.expected},
                     {std::int64_t{0}, std::int64_t{1}, nullptr});
    expect_unchanged("BOOLEAN", "Nullable(Int64)", as_integer, {std::int64_t{0}, std::int64_t{1}, std::int64_t{2}});
}

TEST_P(TestSqliteValues, Dates) {
    expect_unchanged("DATE", "Nullable(Date32)", as_integer,
                     {std::string("1900-01-01"), std::string("1969-12-31"), std::string("2024-02-29"),
                      std::string("2299-12-31"), nullptr});
}

TEST_P(TestSqliteValues, DatesAndTimes) {
    /// As ClickHouse shows a DateTime64(6): a missing time is midnight, a T a space, and the fraction is full.
    const auto canonical = [](const Stored& stored) -> std::optional<std::string> {
        const auto* text = std::get_if<std::string>(&stored);
        if (text == nullptr) {
            return std::nullopt;
        }
        std::string moment = text->size() > 10 ? *text : *text + " 00:00:00";
        moment[10] = ' ';
        if (moment.size() == 19) {
            moment += '.';
        }
        return moment.append(26 - moment.size(), '0');
    };
    expect_unchanged("TIMESTAMP", "Nullable(DateTime64(6))", {"toString(v)", canonical},
                     {std::string("1900-01-01 00:00:00"), std::string("1969-12-31 23:59:59.999999"),
                      std::string("2024-02-29T10:20:30"), std::string("2024-02-29 10:20:30.5"),
                      std::string("2024-03-31"), std::string("2299-12-31 23:59:59.999999"), nullptr});
}

TEST_P(TestSqliteValues, InvalidUtf8NeverPassesAsOther) {
    const std::string bytes = "a\xC3(\xFF";
    file.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)");
    file.insert("t", {std::int64_t{1}, std::string("good")});
    file.insert("t", {std::int64_t{2}, bytes});
    const auto connector = sql_connector_for("sqlite", file.environment(testing::tinybird_environment()));
    const schema::Schema schema = connector->suggest_schema({{"table", "t"}});
    Target target(schema);
    LoadOptions options;
    options.format = GetParam();
    try {
        connector->append(connector->ingest_query(schema), target.name(), options);
        FAIL() << "nothing was thrown";
    } catch (const errors::RefusedValueError& error) {
        EXPECT_EQ(error.row(), 2U);
        EXPECT_EQ(error.column(), "v");
    }
    EXPECT_EQ(target.text("count()"), "0");

    options.hazards.set(Hazard::invalid_utf8, HazardPolicy::text);
    connector->append(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(target.text("hex(v)", "WHERE id = 2"), hex("a\uFFFD(\uFFFD"));

    options.hazards.set(Hazard::invalid_utf8, HazardPolicy::null);
    connector->replace(connector->ingest_query(schema), target.name(), options);
    EXPECT_EQ(target.text("isNull(v)", "WHERE id = 2"), "1");
}

}  // namespace
}  // namespace tinybird_cdk
