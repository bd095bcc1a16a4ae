// SPDX-License-Identifier: Apache-2.0
#include "core/mask.hpp"

#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/credentials.hpp"

namespace tinybird_cdk::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string masked(std::string_view text) {
    return Masker().mask(text);
}

std::string repeated(std::string_view unit, std::size_t size) {
    std::string text;
    while (text.size() < size) {
        text += unit;
    }
    return text;
}

TEST(TestMask, RememberedSecretsAreMaskedWhereverTheyStand) {
    Masker masker;
    masker.remember("tiger42");
    EXPECT_EQ(masker.mask("tiger42"), "***");
    EXPECT_EQ(masker.mask("a tiger42, and:tiger42tiger42!"), "a ***, and:***!");
    EXPECT_EQ(masker.mask("tiger4"), "tiger4");
    EXPECT_EQ(masker.mask(""), "");
}

TEST(TestMask, TextsTooShortToBeSecretsAreIgnored) {
    Masker masker;
    masker.remember("");
    masker.remember("abc");
    masker.remember(" abc \n");
    EXPECT_EQ(masker.mask("abc abcd"), "abc abcd");
    masker.remember("abcd");
    EXPECT_EQ(masker.mask("abc abcd"), "abc ***");
}

TEST(TestMask, ASecretReadFromAFileIsMaskedWithoutItsLineBreak) {
    Masker masker;
    masker.remember("from-a-file\n");
    EXPECT_EQ(masker.mask("<from-a-file>"), "<***>");
}

TEST(TestMask, SecretsAreMaskedInTheirUrlEncodedForms) {
    Masker masker;
    masker.remember("a/b c=d?é");
    EXPECT_EQ(masker.mask("x a/b c=d?é x"), "x *** x");
    EXPECT_EQ(masker.mask("k=a%2Fb%20c%3Dd%3F%C3%A9&x"), "k=***&x");
    EXPECT_EQ(masker.mask("k=a%2fb%20c%3dd%3f%c3%a9&x"), "k=***&x");
    EXPECT_EQ(masker.mask("k=a%2Fb+c%3Dd%3F%C3%A9&x"), "k=***&x");
}

TEST(TestMask, NothingOfSecretsThatOverlapIsLeft) {
    Masker masker;
    masker.remember("abcdef");
    masker.remember("defghi");
    masker.remember("abcdefghijkl");
    EXPECT_EQ(masker.mask("<abcdefghi>"), "<***>");
    EXPECT_EQ(masker.mask("<abcdefghijkl>"), "<***>");
    masker.remember("xyxy");
    EXPECT_EQ(masker.mask("<xyxyxy>"), "<***>");
}

TEST(TestMask, PasswordsOfUrls) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"postgres://u:hunter2@h:5432/db", "postgres://u:***@h:5432/db"},
        {"at https://u:p@h/x, then", "at https://u:***@h/x, then"},
        {"\"mysql://u:p%40q@h\"", "\"mysql://u:***@h\""},
        {"redis://:p@h", "redis://:***@h"},
        {"x://u:p@q@h", "x://u:***@h"},
        {"x://u:p:q@h", "x://u:***@h"},
        {"a://u:1@h b://v:2@i", "a://u:***@h b://v:***@i"},
        {"kafka://u:p@h1:9092,h2:9092", "kafka://u:***@h1:9092,h2:9092"},
        {"mongodb+srv://u:p@h/?x=1", "mongodb+srv://u:***@h/?x=1"},
        // What should have been encoded and was not.
        {"postgres://u:pa/ss@h/db", "postgres://u:***@h/db"},
        {"postgres://u:pa?s#s@h/db", "postgres://u:***@h/db"},
        {"postgres://u:it's@h/db", "postgres://u:***@h/db"},
        // Where the user is the credential.
        {"https://ghp_token@host/x", "https://***@host/x"},
        {"HTTP://key:@host/x", "HTTP://***:@host/x"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(masked(text), expected);
    }
}

TEST(TestMask, UrlsWithoutPasswordsStayReadable) {
    for (const std::string_view text :
         {"http://localhost:7181/v0/sql?q=SELECT%201", "postgres://alice@h/db", "http://h/a@b", "http://h:80/a@b.c",
          "http://h:8080?mail=a@b.c", "see http://h and ask bob@example.com", "http://[::1]:80/a@b", "://", "x://@",
          "x://:@", "a@b:c", "http://h:"}) {
        EXPECT_EQ(masked(text), text);
    }
}

TEST(TestMask, ParametersWhoseNamesSaySo) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"https://h/v0/sql?token=p.x&q=1", "https://h/v0/sql?token=***&q=1"},
        {"?TOKEN=x", "?TOKEN=***"},
        {"?a=1&X-Amz-Signature=abc&b=2", "?a=1&X-Amz-Signature=***&b=2"},
        {"?X-Goog-Signature=abc", "?X-Goog-Signature=***"},
        {"?X-Amz-Security-Token=a%2Fb", "?X-Amz-Security-Token=***"},
        {"?sv=2024-01-01&sig=a%2Bb%3D&se=x", "?sv=2024-01-01&sig=***&se=x"},
        {"PGPASSWORD=x psql", "PGPASSWORD=*** psql"},
        {"host=h password=x user=u", "host=h password=*** user=u"},
        {"host=h password = x user=u", "host=h password = *** user=u"},
        {"password='a b\\'c' user=u", "password='***' user=u"},
        {"PASSWORD 'x' IDENTIFIED password='it''s' x", "PASSWORD 'x' IDENTIFIED password='***' x"},
        {"password='' user=u", "password='' user=u"},
        {"password='never closed", "password='***"},
        {"sasl.password=x, next", "sasl.password=***, next"},
        {"Server=s;Password=a;User=u", "Server=s;Password=***;User=u"},
        {"Password=a;b User=u", "Password=*** User=u"},
        {"f(password=a,b", "f(password=***"},
        {"Secret(token=a,b;c, x)", "Secret(token=***, x)"},
        {"PWD={a b;c};UID=u", "PWD={***};UID=u"},
        {"{\"password\":\"a b\",\"x\":1}", "{\"password\":\"***\",\"x\":1}"},
        {"{\"api_key\" : \"a\\\"b\"}", "{\"api_key\" : \"***\"}"},
        {R"("{\"token\":\"abc\",\"x\":1}")", R"("{\"token\":\"***\",\"x\":1}")"},
        {"{'access_token': 'abc'}", "{'access_token': '***'}"},
        {"AccountKey=abc==;EndpointSuffix=x", "AccountKey=***;EndpointSuffix=x"},
        // A signed URL as the parameter of another URL.
        {"?mode=append&url=https%3A%2F%2Fb%2Fk%3FX-Amz-Date%3Dd%26X-Amz-Signature%3Dabc%26x%3D1&format=csv",
         "?mode=append&url=https%3A%2F%2Fb%2Fk%3FX-Amz-Date%3Dd%26X-Amz-Signature%3D***%26x%3D1&format=csv"},
        {"url=https%3a%2f%2fb%3fsig%3dabc", "url=https%3a%2f%2fb%3fsig%3d***"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(masked(text), expected);
    }
}

TEST(TestMask, OtherParametersStayReadable) {
    for (const std::string_view text :
         {"mode=append&name=tokens&format=csv", "password authentication failed for user \"bob\"", "token: unexpected",
          "signed=1", "design=1", "max_tokens=5", "a=b", "=", "%3D", "%3", "token", "password=", "token=&x=1",
          "WHERE a = 1 AND b = 'x'"}) {
        EXPECT_EQ(masked(text), text);
    }
}

TEST(TestMask, HeadersThatAuthorise) {
    EXPECT_EQ(masked("Authorization: Bearer abc"), "Authorization: Bearer ***");
    EXPECT_EQ(masked("authorization:Basic dTpw\r\nHost: h"), "authorization:Basic ***\r\nHost: h");
    EXPECT_EQ(masked("Authorization: abc"), "Authorization: ***");
    EXPECT_EQ(masked("{\"Authorization\": \"Bearer abc\"}"), "{\"Authorization\": \"Bearer ***\"}");
    EXPECT_EQ(masked("sent bearer eyJhbGciOi"), "sent bearer ***");
    EXPECT_EQ(masked("the bearer of news"), "the bearer of news");
    EXPECT_EQ(masked("authorization failed"), "authorization failed");
}

TEST(TestMask, TinybirdTokensThatNobodyRemembered) {
    EXPECT_EQ(masked("(p.eyJ1IjogIjEyMyJ9.a-b_c)"), "(***)");
    EXPECT_EQ(masked("p.e"), "p.e");
}

TEST(TestMask, WhatIsMaskedStaysAsItIs) {
    for (const std::string_view text :
         {"postgres://u:***@h", "token=***", "password='***'", "Authorization: Bearer ***"}) {
        EXPECT_EQ(masked(text), text);
    }
}

TEST(TestMask, BytesThatAreNoTextPassUnchanged) {
    const std::string text("\0\xFF\xFE=\0:%", 7);
    EXPECT_EQ(masked(text), text);
}

/// Each of these took minutes if a part of the search went to the end of the text again and again.
TEST(TestMask, LongTextsCostNoSquare) {
    constexpr std::size_t size = 1'000'000;
    for (const std::string_view unit : {"://",
                                        "x://a:b",
                                        "://a:b/",
                                        "=",
                                        ":",
                                        "%3D",
                                        "%",
                                        "token=x&",
                                        "token==",
                                        "a",
                                        "\"",
                                        "'=",
                                        " ",
                                        "token ",
                                        "token=",
                                        "token=;",
                                        "token='",
                                        "token=\\\"",
                                        "authorization:",
                                        "authorization: ",
                                        "bearer",
                                        "bearer ",
                                        "bearer x",
                                        "p.eyJ",
                                        "@",
                                        "://@",
                                        "http://a:1",
                                        "password=,a",
                                        "token%3D%26"}) {
        const std::string text = repeated(unit, size);
        EXPECT_LE(masked(text).size(), text.size() * 2) << unit;
    }
}

TEST(TestMask, EachTextKeepsWhatIsNoSecret) {
    // Ranges must lie in the text and each hide something.
    for (const std::string_view unit : {"://a:b@", "token='a\\", "PWD={", "\"token\":", "bearer abcdefgh"}) {
        for (std::size_t size = 0; size < 40; ++size) {
            const std::string text = repeated(unit, size + unit.size()).substr(0, size);
            for (const TextRange range : find_credentials(text)) {
                EXPECT_LT(range.begin, range.end) << text;
                EXPECT_LE(range.end, text.size()) << text;
            }
        }
    }
}

TEST(TestMask, MayBeUsedByManyThreads) {
    Masker masker;
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&masker, t] {
            for (int i = 0; i < 200; ++i) {
                const std::string secret = "secret-" + std::to_string(t) + "-" + std::to_string(i) + "!";
                masker.remember(secret);
                EXPECT_THAT(masker.mask("a " + secret), Not(HasSubstr("secret")));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

}  // namespace
}  // namespace tinybird_cdk::core
