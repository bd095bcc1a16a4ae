// SPDX-License-Identifier: Apache-2.0
// Lists, records and maps in both formats. That ClickHouse reads these notations back was tried with each of them.
#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/encode/strict_csv.hpp"
#include "core/encode/written.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::HasSubstr;
using std::string_literals::operator""s;
using Zone = RowWriter::Zone;

Rows list(std::vector<Rows> elements) {
    return [elements = std::move(elements)](RowWriter& w) {
        w.begin_list();
        for (const Rows& element : elements) {
            element(w);
        }
        w.end_list();
    };
}

Rows map(std::vector<std::pair<Rows, Rows>> entries) {
    return [entries = std::move(entries)](RowWriter& w) {
        w.begin_map();
        for (const auto& [key, value] : entries) {
            key(w);
            value(w);
        }
        w.end_map();
    };
}

Rows record(std::vector<std::pair<std::string, Rows>> members) {
    return [members = std::move(members)](RowWriter& w) {
        w.begin_struct();
        for (const auto& [name, value] : members) {
            w.field(name);
            value(w);
        }
        w.end_struct();
    };
}

Rows integer(std::int64_t value) {
    return [value](RowWriter& w) { w.int64(value); };
}
Rows text(std::string value) {
    return [value = std::move(value)](RowWriter& w) { w.text(value); };
}
const Rows null = [](RowWriter& w) { w.null(); };

TEST(Lists, OfNumbers) {
    for (const char* type : {"", "Array(Int32)", "Array(Float64)"}) {
        EXPECT_EQ(csv(type, list({integer(1), integer(-2)})), "\"[1,-2]\"") << type;
        EXPECT_EQ(json(type, list({integer(1), integer(-2)})), "[1,-2]") << type;
        EXPECT_EQ(csv(type, list({})), "\"[]\"") << type;
    }
}

TEST(Lists, OfTextWithEveryOddCharacter) {
    const Rows value = list({text("it's \\ \"x\"\n\t\r\0,"s), null, text("NULL"), text("")});
    EXPECT_EQ(csv("Array(Nullable(String))", value), R"("['it\'s \\ ""x""\n\t\r\0,',NULL,'NULL','']")");
    EXPECT_EQ(json("Array(Nullable(String))", value), R"(["it's \\ \"x\"\n\t\r\u0000,",null,"NULL",""])");
}

TEST(Lists, OfEveryScalar) {
    const Rows value =
        list({[](RowWriter& w) { w.boolean(true); }, [](RowWriter& w) { w.date(0); },
              [](RowWriter& w) { w.timestamp(0, 5'000'000, Zone::none); },
              [](RowWriter& w) { w.uuid(std::array<std::byte, 16>{}); }, [](RowWriter& w) { w.decimal("1.50"); },
              [](RowWriter& w) { w.binary(std::array{std::byte{0}}); }, [](RowWriter& w) { w.json(R"({"a":1})"); }});
    EXPECT_EQ(
        csv("", value),
        R"("[true,'1970-01-01','1970-01-01 00:00:00.005','00000000-0000-0000-0000-000000000000',1.50,'AA==','{""a"":1}']")");
    EXPECT_EQ(
        json("", value),
        R"([true,"1970-01-01","1970-01-01 00:00:00.005","00000000-0000-0000-0000-000000000000",1.50,"AA==","{\"a\":1}"])");
}

TEST(Lists, OfLongNumbersAreStringsInJsonOnly) {
    const Rows value = list({[](RowWriter& w) { w.integer("170141183460469231731687303715884105727"); }});
    EXPECT_EQ(csv("Array(Int128)", value), "\"[170141183460469231731687303715884105727]\"");
    EXPECT_EQ(json("Array(Int128)", value), "[\"170141183460469231731687303715884105727\"]");
    const Rows exact = list({[](RowWriter& w) { w.decimal("123456789012.3456"); }});
    EXPECT_EQ(csv("Array(Decimal(38, 4))", exact), "\"[123456789012.3456]\"");
    EXPECT_EQ(json("Array(Decimal(38, 4))", exact), "[\"123456789012.3456\"]");
}

TEST(Lists, OfNumbersForTextAreQuoted) {
    EXPECT_EQ(csv("Array(String)", list({integer(1)})), "\"['1']\"");
    EXPECT_EQ(json("Array(String)", list({integer(1)})), "[\"1\"]");
}

TEST(Lists, OfNanForFloats) {
    const Rows value = list({[](RowWriter& w) { w.float64(std::numeric_limits<double>::quiet_NaN()); },
                             [](RowWriter& w) { w.float64(-std::numeric_limits<double>::infinity()); }});
    EXPECT_EQ(csv("Array(Float64)", value), "\"[nan,-inf]\"");
    EXPECT_EQ(json("Array(Float64)", value), "[\"nan\",\"-inf\"]");
    EXPECT_NE(refusal("", value), "");
    EXPECT_EQ(json("Array(Nullable(Int32))", list({[](RowWriter& w) { w.decimal("NaN"); }}), "nan=null"), "[null]");
}

TEST(Lists, InLists) {
    const Rows value = list({list({text("a"), null}), list({})});
    EXPECT_EQ(csv("Array(Array(Nullable(String)))", value), "\"[['a',NULL],[]]\"");
    EXPECT_EQ(json("Array(Array(Nullable(String)))", value), R"([["a",null],[]])");
}

TEST(Lists, MustFitTheDepthOfTheTarget) {
    EXPECT_THAT(refusal("Array(Int32)", list({list({integer(1)})})), HasSubstr("a list can't go into Int32"));
    EXPECT_THAT(refusal("Array(Array(Int32))", list({integer(1)})), HasSubstr("a number can't go into Array(Int32)"));
    EXPECT_THAT(refusal("Int32", list({})), HasSubstr("a list can't go into Int32"));
    EXPECT_THAT(refusal("Array(Int32)", integer(1)), HasSubstr("can't go into Array(Int32)"));
    EXPECT_NE(refusal("Map(String, Int32)", list({})), "");
}

TEST(Lists, CheckTheirElements) {
    EXPECT_THAT(refusal("Array(UInt8)", list({integer(1), integer(256)})), HasSubstr("256 can't be held by UInt8"));
    EXPECT_THAT(refusal("Array(Int32)", list({null})), HasSubstr("NULL can't be held by Int32"));
    EXPECT_EQ(csv("Array(UInt8)", list({integer(256)}), "number_range=clamp"), "\"[255]\"");
    EXPECT_EQ(csv("Array(DateTime('Asia/Tokyo'))", list({[](RowWriter& w) { w.timestamp(0, 0, Zone::utc); }})),
              "\"['1970-01-01 00:00:00Z']\"");
}

TEST(TextTargets, HoldNestedValuesAsJsonInBothFormats) {
    const Rows value = list({integer(1), null, text("it's \"x\""), record({{"a", integer(2)}})});
    EXPECT_EQ(csv("String", value), R"("[1,null,""it's \""x\"""",{""a"":2}]")");
    EXPECT_EQ(json("String", value), R"("[1,null,\"it's \\\"x\\\"\",{\"a\":2}]")");
}

TEST(TextTargets, HoldNestedValuesInsideLists) {
    const Rows value = list({list({integer(1), text("a'\"")}), text("b")});
    EXPECT_EQ(csv("Array(String)", value), R"("['[1,""a\'\\""""]','b']")");
    EXPECT_EQ(json("Array(String)", value), R"(["[1,\"a'\\\"\"]","b"])");
}

TEST(TextTargets, TakeAnythingInsideANestedValue) {
    const Rows value =
        list({[](RowWriter& w) { w.float64(std::numeric_limits<double>::quiet_NaN()); },
              [](RowWriter& w) { w.infinite_date(false); }, [](RowWriter& w) { w.timestamp(0, 0, Zone::utc); },
              [](RowWriter& w) { w.json("{\"k\":\n1}"); }});
    EXPECT_EQ(csv("String", value), R"("[""NaN"",""infinity"",""1970-01-01 00:00:00+00"",{""k"": 1}]")");
}

TEST(Maps, HaveKeysOfTheirNotation) {
    EXPECT_EQ(csv("Map(String, Nullable(Int32))", map({{text("k'"), integer(1)}, {text("z"), null}})),
              R"("{'k\'':1,'z':NULL}")");
    EXPECT_EQ(json("Map(String, Nullable(Int32))", map({{text("k\""), integer(1)}, {text("z"), null}})),
              R"({"k\"":1,"z":null})");
    EXPECT_EQ(csv("Map(Int32, Int32)", map({{integer(1), integer(2)}})), "\"{1:2}\"");
    EXPECT_EQ(json("Map(Int32, Int32)", map({{integer(1), integer(2)}})), R"({"1":2})");
    EXPECT_EQ(json("Map(Date, Int32)", map({{[](RowWriter& w) { w.date(0); }, integer(2)}})), R"({"1970-01-01":2})");
    EXPECT_EQ(csv("", map({})), "\"{}\"");
    EXPECT_EQ(
        json("Map(String, Map(String, Array(Int32)))", map({{text("a"), map({{text("b"), list({integer(1)})}})}})),
        R"({"a":{"b":[1]}})");
}

TEST(Maps, RefuseKeysThatCanBeNone) {
    EXPECT_THAT(refusal("", map({{null, integer(1)}})), HasSubstr("NULL can't be the key of a map"));
    EXPECT_THAT(refusal("", map({{list({}), integer(1)}})), HasSubstr("a list can't be the key of a map"));
    EXPECT_NE(refusal("", map({{[](RowWriter& w) { w.decimal("NaN"); }, integer(1)}}), "nan=null"), "");
    EXPECT_NE(refusal("Map(UInt8, Int32)", map({{integer(256), integer(1)}})), "");
}

TEST(Records, ForTuplesAreFieldsOfTheirOwnInCsv) {
    const Rows value = record({{"a", integer(1)}, {"b", text("x\"")}});
    EXPECT_EQ(csv("Tuple(Int32, String)", value), R"(1,"x""")");
    EXPECT_EQ(csv("Tuple(a Int32, b Nullable(String))", record({{"a", integer(1)}, {"b", null}})), "1,\\N");
    EXPECT_EQ(
        csv("Tuple(Int32, Tuple(Int32, Array(String)))",
            record({{"a", integer(1)}, {"b", record({{"c", integer(2)}, {"d", list({text("it's"), text("\"")})}})}})),
        R"(1,2,"['it\'s','""']")");
    EXPECT_EQ(csv("Point", record({{"x", integer(1)}, {"y", [](RowWriter& w) { w.float64(2.5); }}})), "1,2.5");
}

TEST(Records, ForTuplesAreObjectsOrArraysInJson) {
    const Rows value = record({{"a", integer(1)}, {"b", text("x")}});
    EXPECT_EQ(json("Tuple(Int32, String)", value), R"([1,"x"])");
    EXPECT_EQ(json("Tuple(a Int32, b String)", value), R"({"a":1,"b":"x"})");
    EXPECT_EQ(json("", value), R"({"a":1,"b":"x"})");
    EXPECT_EQ(json("Point", record({{"x", integer(1)}, {"y", integer(2)}})), "[1,2]");
}

TEST(Records, InsideListsAreTuples) {
    const Rows value = list({record({{"a", integer(1)}, {"b", null}})});
    EXPECT_EQ(csv("Array(Tuple(a Int32, b Nullable(String)))", value), "\"[(1,NULL)]\"");
    EXPECT_EQ(json("Array(Tuple(a Int32, b Nullable(String)))", value), R"([{"a":1,"b":null}])");
    EXPECT_EQ(json("Array(Tuple(Int32, Nullable(String)))", value), "[[1,null]]");
    EXPECT_EQ(csv("Polygon", list({list({record({{"x", integer(1)}, {"y", integer(2)}}),
                                         record({{"x", integer(3)}, {"y", integer(4)}})})})),
              "\"[[(1,2),(3,4)]]\"");
}

TEST(Records, GoWhereTheNamesOfTheTupleAre) {
    const Rows value = record({{"c", text("x,")}, {"a", list({integer(1), integer(2)})}, {"b", integer(3)}});
    EXPECT_EQ(csv("Tuple(a Array(Int32), b Int32, c String)", value), R"("[1,2]",3,"x,")");
    EXPECT_EQ(csv("Array(Tuple(a Array(Int32), b Int32, c String))", list({value, value})),
              R"("[([1,2],3,'x,'),([1,2],3,'x,')]")");
    EXPECT_EQ(json("Tuple(a Array(Int32), b Int32, c String)", value), R"({"c":"x,","a":[1,2],"b":3})");
}

TEST(Records, MustHaveTheMembersOfTheTuple) {
    EXPECT_THAT(refusal("Tuple(a Int32, b Int32)", record({{"a", integer(1)}})), HasSubstr("has 1 members"));
    EXPECT_THAT(refusal("Tuple(a Int32)", record({{"z", integer(1)}})), HasSubstr("has a member \"z\""));
    EXPECT_THAT(refusal("Tuple(a Int32, b Int32)", record({{"a", integer(1)}, {"a", integer(2)}})), HasSubstr("twice"));
    EXPECT_THAT(refusal("Tuple(Int32)", record({{"a", integer(1)}, {"b", integer(1)}})), HasSubstr("more members"));
    EXPECT_THAT(refusal("Tuple(UInt8)", record({{"a", integer(256)}})), HasSubstr("256 can't be held by UInt8"));
}

TEST(Records, ForJsonColumnsAreDocuments) {
    const Rows value = record({{"a", list({integer(1), null})}, {"b", [](RowWriter& w) { w.json(R"({"c": 1})"); }}});
    EXPECT_EQ(json("JSON", value), R"({"a":[1,null],"b":{"c": 1}})");
    EXPECT_EQ(csv("JSON", value), R"("{""a"":[1,null],""b"":{""c"": 1}}")");
    EXPECT_EQ(csv("Array(JSON)", list({record({{"a", text("'")}})})), R"("['{""a"":""\'""}']")");
    EXPECT_EQ(json("Array(JSON)", list({record({{"a", text("'")}})})), R"([{"a":"'"}])");
    EXPECT_NE(refusal("JSON", list({})), "");
}

/// Writes a random value and the JSON it must be read back as.
class RandomValue {
public:
    explicit RandomValue(std::uint64_t seed) : random_(seed) {}

    nlohmann::ordered_json write(RowWriter& w, int depth) {
        switch (random_() % (depth < 4 ? 6 : 3)) {
            case 0:
                w.null();
                return nullptr;
            case 1: {
                const auto value = static_cast<std::int64_t>(random_());
                w.int64(value);
                return value;
            }
            case 2: {
                const std::string value = random_text();
                w.text(value);
                return value;
            }
            case 3: {
                auto value = nlohmann::ordered_json::array();
                w.begin_list();
                for (std::size_t n = random_() % 4; n > 0; --n) {
                    value.push_back(write(w, depth + 1));
                }
                w.end_list();
                return value;
            }
            default: {
                const bool as_map = random_() % 2 == 0;
                auto value = nlohmann::ordered_json::object();
                as_map ? w.begin_map() : w.begin_struct();
                for (std::size_t n = random_() % 4; n > 0; --n) {
                    const std::string key = std::to_string(n) + random_text();
                    as_map ? w.text(key) : w.field(key);
                    value[key] = write(w, depth + 1);
                }
                as_map ? w.end_map() : w.end_struct();
                return value;
            }
        }
    }

private:
    std::string random_text() {
        static const std::vector<std::string> pieces{"\"", "\\", "\n", "'", "é", ",", "]", "}", "x"};
        std::string result;
        for (std::size_t n = random_() % 6; n > 0; --n) {
            result += pieces[random_() % pieces.size()];
        }
        return result;
    }

    std::mt19937_64 random_;
};

TEST(NestedValues, OfAnyShapeAreReadBack) {
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        nlohmann::ordered_json expected;
        const Rows value = [&](RowWriter& w) {
            w.begin_list();
            expected = nlohmann::ordered_json::array({RandomValue(seed).write(w, 0)});
            w.end_list();
        };
        const std::string raw = json("", value);
        ASSERT_EQ(nlohmann::ordered_json::parse(raw), expected);
        const std::string as_text = json("String", value);
        ASSERT_EQ(nlohmann::ordered_json::parse(nlohmann::json::parse(as_text).get<std::string>()), expected);
        const auto fields = read_csv(csv("String", value) + "\n");
        ASSERT_EQ(nlohmann::ordered_json::parse(fields.at(0).at(0).text), expected);
    }
}

}  // namespace
}  // namespace tinybird_cdk::testing
