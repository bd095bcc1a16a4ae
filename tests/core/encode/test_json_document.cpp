// SPDX-License-Identifier: Apache-2.0
#include "encode/json_document.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tinybird_cdk::encode {
namespace {

std::string on_one_line(std::string_view document) {
    std::string out;
    append_on_one_line(out, document);
    return out;
}

TEST(LookThrough, FindsAKeyThatComesTwice) {
    EXPECT_EQ(look_through(R"({"a":1,"b":2,"a":3})").duplicate_key, "a");
    EXPECT_EQ(look_through(R"({"x":[{"y":{"k":1,"k":1}}]})").duplicate_key, "k");
    EXPECT_EQ(look_through(R"({"a":1,"\u0061":2})").duplicate_key, "a");
    EXPECT_EQ(look_through(R"({"é":1,"\u00e9":2})").duplicate_key, "é");
    EXPECT_EQ(look_through(R"({"":1,"":2})").duplicate_key, "");
}

TEST(LookThrough, AllowsEqualKeysInDifferentObjects) {
    EXPECT_EQ(look_through(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})").duplicate_key, std::nullopt);
    EXPECT_EQ(look_through(R"({"a":"a","b":["a","a"],"A":1})").duplicate_key, std::nullopt);
}

TEST(LookThrough, SeesADuplicateBehindANumberBeyondADouble) {
    EXPECT_EQ(look_through(R"({"a":1e400,"a":1})").duplicate_key, "a");
    EXPECT_EQ(look_through(R"({"a":1e400})").fault, "");
}

TEST(LookThrough, TellsObjectsFromTheRest) {
    EXPECT_TRUE(look_through(" \n{}").object);
    for (const char* document : {"[]", "1", "null", R"("{")"}) {
        EXPECT_FALSE(look_through(document).object) << document;
        EXPECT_EQ(look_through(document).fault, "") << document;
    }
}

TEST(LookThrough, SaysWhyADocumentIsNone) {
    for (const char* document :
         {"", "{", R"({"a":})", R"({"a":1}{"b":2})", R"({"a":01})", "{\"a\":\"\n\"}", "{'a':1}"}) {
        EXPECT_NE(look_through(document).fault.find("at byte"), std::string::npos) << document;
    }
}

TEST(LookThrough, TakesDeepDocuments) {
    const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
    EXPECT_EQ(look_through("{\"a\":" + deep + "}").fault, "");
}

TEST(IsJsonContainer, IsTrueForArraysAndObjectsOnly) {
    EXPECT_TRUE(is_json_container("[1,\"a\"]"));
    EXPECT_TRUE(is_json_container(" {}"));
    EXPECT_FALSE(is_json_container("1"));
    EXPECT_FALSE(is_json_container("['a']"));
    EXPECT_FALSE(is_json_container("[1"));
    EXPECT_FALSE(is_json_container(""));
}

TEST(OneLine, HasNoLineBreak) {
    EXPECT_EQ(on_one_line("{\r\n  \"a\": \"\\n\",\n\"b\":1\n}"), "{    \"a\": \"\\n\", \"b\":1 }");
    EXPECT_EQ(on_one_line("{}"), "{}");
    EXPECT_EQ(on_one_line("\n"), " ");
}

}  // namespace
}  // namespace tinybird_cdk::encode
