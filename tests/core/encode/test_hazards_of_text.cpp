// SPDX-License-Identifier: Apache-2.0
// Text, JSON documents and NULL against the types of their targets.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/encode/written.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Rows text(std::string value) {
    return [value = std::move(value)](RowWriter& w) { w.text(value); };
}
Rows document(std::string value) {
    return [value = std::move(value)](RowWriter& w) { w.json(value); };
}
const Rows null = [](RowWriter& w) { w.null(); };

TEST(InvalidUtf8, FollowsItsPolicy) {
    const Rows bad = text("caf\xE9 au lait");
    for (const char* type : {"", "String", "Nullable(String)"}) {
        EXPECT_THAT(refusal(type, bad), HasSubstr(R"(caf\xe9 au lait can't be held by)"));
        EXPECT_THAT(refusal(type, bad), HasSubstr("not valid UTF-8"));
        EXPECT_EQ(csv(type, bad, "invalid_utf8=text"), "\"caf\uFFFD au lait\"");
    }
    EXPECT_EQ(json("Nullable(String)", bad, "invalid_utf8=null"), "null");
    EXPECT_NE(refusal("String", bad, "invalid_utf8=null"), "");
    EXPECT_NE(refusal("String", document("{\"a\":\"\xFF\"}")), "");
    EXPECT_EQ(csv("String", text("\xF0\x9F\x98\x80")), "\"\xF0\x9F\x98\x80\"");
    for (const char* broken : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE6\x9D", "\x80"}) {
        EXPECT_NE(refusal("String", text(broken)), "");
    }
}

TEST(InvalidUtf8, IsNotLookedForWhereTheSourceVouchesForIt) {
    CollectingSink sink;
    RowWriter writer({{"c", std::nullopt, true}}, {}, sink);
    writer.begin_row();
    writer.text("\xFF");
    writer.end_row();
    writer.finish();
    EXPECT_EQ(sink.text, "\"\xFF\"\n");
}

TEST(InvalidUtf8, IsFoundInsideNestedValues) {
    EXPECT_NE(refusal("Array(String)",
                      [](RowWriter& w) {
                          w.begin_list();
                          w.text("\xFF");
                          w.end_list();
                      }),
              "");
    const Rows name = [](RowWriter& w) {
        w.begin_struct();
        w.field("\xFF");
        w.int64(1);
        w.end_struct();
    };
    EXPECT_NE(refusal("", name), "");
    EXPECT_EQ(json("", name, "invalid_utf8=text"), "{\"\uFFFD\":1}");
}

TEST(DuplicateKeys, AreAHazardForJsonColumnsOnly) {
    const std::string twice = R"({"a":{"k":1,"\u006b":2}})";
    EXPECT_THAT(refusal("JSON", document(twice)), HasSubstr("names the key \"k\" twice"));
    EXPECT_EQ(json("JSON", document(twice), "duplicate_key=text"), twice);
    EXPECT_EQ(refusal("String", document(twice)), "");
    EXPECT_EQ(refusal("", document(twice)), "");
    EXPECT_EQ(refusal("JSON", document(R"({"a":{"k":1},"k":2})")), "");
    EXPECT_NE(refusal("JSON", document(twice), "duplicate_key=null"), "");
}

TEST(DuplicateKeys, AreSeenInARecordToo) {
    const Rows record = [](RowWriter& w) {
        w.begin_struct();
        w.field("a");
        w.int64(1);
        w.field("a");
        w.int64(2);
        w.end_struct();
    };
    EXPECT_THAT(refusal("JSON", record), HasSubstr("twice"));
    EXPECT_EQ(refusal("String", record), "");
}

TEST(JsonTargets, TakeObjectsOnly) {
    EXPECT_EQ(json("JSON", document("{\"a\":\n[1, 1e400]}")), R"({"a": [1, 1e400]})");
    EXPECT_EQ(json("JSON", text(R"({"a":1})")), R"({"a":1})");
    EXPECT_THAT(refusal("JSON", document("[1]")), HasSubstr("takes objects only"));
    EXPECT_THAT(refusal("JSON", text("hello")), HasSubstr("not valid JSON"));
    EXPECT_NE(refusal("JSON", document("{\"a\":1}\n{\"b\":2}")), "");
    EXPECT_NE(refusal("JSON", null), "");
    EXPECT_EQ(json("Nullable(JSON)", null), "null");
}

TEST(FixedStringTargets, TakeNoMoreBytesThanTheyHave) {
    EXPECT_EQ(csv("FixedString(3)", text("abc")), "\"abc\"");
    EXPECT_EQ(csv("FixedString(3)", text("a")), "\"a\"");
    EXPECT_THAT(refusal("FixedString(3)", text("abcd")), HasSubstr("\"abcd\" has 4 bytes, FixedString(3) holds 3"));
    EXPECT_NE(refusal("FixedString(3)", text("éé")), "");
    EXPECT_EQ(csv("FixedString(4)", [](RowWriter& w) { w.int64(1234); }), "\"1234\"");
    EXPECT_NE(refusal("FixedString(3)", [](RowWriter& w) { w.date(0); }), "");
}

TEST(EnumTargets, TakeTheirLabelsOnly) {
    const char* type = "Enum8('a' = 1, 'it\\'s' = 2)";
    EXPECT_EQ(json(type, text("a")), "\"a\"");
    EXPECT_EQ(csv(type, text("it's")), "\"it's\"");
    EXPECT_THAT(refusal(type, text("b")), HasSubstr("\"b\" is no label of Enum8"));
    EXPECT_NE(refusal(type, text("")), "");
    EXPECT_NE(refusal(type, [](RowWriter& w) { w.boolean(true); }), "");
}

TEST(OtherTargets, LeaveTextToTheServer) {
    for (const char* type : {"UUID", "IPv4", "IPv6", "Int32", "Float64", "Decimal(10, 2)", "Date", "DateTime64(3)"}) {
        EXPECT_EQ(csv(type, text("anything")), "\"anything\"") << type;
        EXPECT_EQ(json(type, text("anything")), "\"anything\"") << type;
    }
    EXPECT_EQ(json("Bool", text("true")), "true");
    EXPECT_EQ(json("Bool", text("0")), "false");
    EXPECT_EQ(json("Bool", text("yes")), "\"yes\"");
}

TEST(ContainerTargets, TakeTheTextOfOne) {
    EXPECT_EQ(csv("Array(Int32)", text("[1,2]")), "\"[1,2]\"");
    EXPECT_EQ(json("Array(Int32)", text("[1,\n2]")), "[1, 2]");
    EXPECT_EQ(json("Array(Int32)", document("[1,2]")), "[1,2]");
    EXPECT_EQ(json("Array(Int32)", text("1,2")), "\"1,2\"");
    EXPECT_EQ(json("Map(String, Int32)", text(R"({"a":1})")), R"({"a":1})");
}

TEST(Null, IsRefusedWhereTheTargetCanNotHoldIt) {
    for (const char* type : {"String", "Int32", "Array(Nullable(Int32))", "Map(String, String)",
                             "Tuple(Nullable(Int32))", "LowCardinality(String)", "Point"}) {
        EXPECT_THAT(refusal(type, null), HasSubstr("row 1, column \"c\": NULL can't be held by ")) << type;
    }
    for (const char* type :
         {"", "Nullable(String)", "LowCardinality(Nullable(String))", "Variant(Int32, String)", "Dynamic"}) {
        EXPECT_EQ(json(type, null), "null") << type;
    }
    try {
        csv("String", null);
        FAIL();
    } catch (const errors::RefusedValueError& error) {
        EXPECT_THAT(error.hint(), HasSubstr("Nullable"));
    }
}

TEST(Messages, AreOneLineAndShowSixtyCharactersOfTheValue) {
    const std::string message = refusal("FixedString(1)", text("é\n" + std::string(100, 'x')));
    EXPECT_THAT(message, HasSubstr("\"é\\n" + std::string(58, 'x') + "…\""));
    EXPECT_THAT(message, Not(HasSubstr("\n")));
}

TEST(Messages, SayWhatToDo) {
    try {
        csv("Decimal(10, 2)", [](RowWriter& w) { w.decimal("NaN"); });
        FAIL();
    } catch (const errors::RefusedValueError& error) {
        EXPECT_STREQ(error.what(), "row 1, column \"c\": NaN can't be held by Decimal(10, 2)");
        EXPECT_EQ(error.hint(), "Choose --on nan=null or --on nan=text, or make the column a String.");
        EXPECT_EQ(error.exit_code(), errors::ExitCode::data_refused);
    }
}

}  // namespace
}  // namespace tinybird_cdk::testing
