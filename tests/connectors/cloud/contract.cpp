// SPDX-License-Identifier: Apache-2.0
#include "contract.hpp"

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::testing {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Join {
    std::string name;
    std::vector<std::string> parts;
    cloud::CatOptions options;
    std::string expected;
};

std::vector<Join> joins() {
    const cloud::CatOptions bytes;
    const cloud::CatOptions lines{.lines = true};
    const cloud::CatOptions headers{.header_lines = true};
    return {
        {"bytes", {"a\n", "b"}, bytes, "a\nb"},
        {"bytes without line ends", {"a", "b"}, bytes, "ab"},
        {"lines without line ends", {"a", "b", "c\n"}, lines, "a\nb\nc\n"},
        {"an empty one between lines", {"a", "", "b"}, lines, "a\nb"},
        {"nothing at all", {"", "", ""}, lines, ""},
        {"headers", {"h\na\n", "h\nb\n"}, headers, "h\na\nb\n"},
        {"headers without line ends", {"h\na", "h\nb", "h", "h\n", "h\nc"}, headers, "h\na\nb\nc"},
        {"empty ones among headers", {"", "h\na", "", "h\nb", ""}, headers, "h\na\nb"},
        {"headers with other line ends", {"h\r\na\r\n", "h\nb"}, headers, "h\r\na\r\nb"},
        {"headers with a mark", {"\xef\xbb\xbfh\na\n", "\xef\xbb\xbfh\nb\n"}, headers, "\xef\xbb\xbfh\na\nb\n"},
    };
}

}  // namespace

std::string ClientContract::content_of(const std::string& key) {
    const auto body = client.get(bucket, key);
    std::string content;
    std::array<char, 1000> block{};
    while (const std::size_t count = body->read(block)) {
        content.append(block.data(), count);
    }
    return content;
}

TEST_P(ClientContract, ADirectoryIsWhatStandsBeforeASlash) {
    for (const char* key : {"d/2", "d/1", "d/sub/3", "d2/1", "dx", "a b+%25é/k"}) {
        put(key, "x");
    }
    put("d/marker/", "");
    EXPECT_THAT(client.ls(bucket, "d"), ElementsAre("d/1", "d/2", "d/sub/3"));
    EXPECT_THAT(client.ls(bucket, "d/"), ElementsAre("d/1", "d/2", "d/sub/3"));
    EXPECT_THAT(client.ls(bucket, "d/sub"), ElementsAre("d/sub/3"));
    EXPECT_THAT(client.ls(bucket, "a b+%25é"), ElementsAre("a b+%25é/k"));
    EXPECT_THAT(client.ls(bucket, ""), ElementsAre("a b+%25é/k", "d/1", "d/2", "d/sub/3", "d2/1", "dx"));
    EXPECT_THAT(client.ls(bucket, "none"), IsEmpty());
    std::vector<std::string> listed;
    for (const cloud::Object& object : client.list(bucket, "d")) {
        listed.push_back(object.key);
        EXPECT_EQ(object.size, object.key == "d/marker/" ? 0U : 1U);
        EXPECT_NE(object.etag, "");
    }
    EXPECT_THAT(listed, ElementsAre("d/1", "d/2", "d/marker/", "d/sub/3", "d2/1", "dx"));

    client.rmtree(bucket, "none");
    EXPECT_THROW(client.rmtree(bucket, ""), errors::InvalidArgument);
    client.rmtree(bucket, "d");
    EXPECT_THAT(client.ls(bucket, ""), ElementsAre("a b+%25é/k", "d2/1", "dx"));
    EXPECT_THAT(client.list(bucket, "d/"), IsEmpty());
}

TEST_P(ClientContract, WhatIsNotThere) {
    EXPECT_FALSE(client.exists(bucket, "none"));
    EXPECT_FALSE(client.stat(bucket, "none"));
    EXPECT_THROW(client.size(bucket, "none"), errors::ExternalDatasourceError);
    EXPECT_THROW(client.get(bucket, "none"), errors::ExternalDatasourceError);
    EXPECT_NO_THROW(client.rm(bucket, "none"));
    put("d/1", "x");
    EXPECT_FALSE(client.exists(bucket, "d"));
    EXPECT_THROW(client.ls("no-such-bucket-of-the-kit", ""), errors::ExternalDatasourceError);
    EXPECT_THROW(put("", "x"), errors::InvalidArgument);
}

TEST_P(ClientContract, NothingAndOneObjectAreNotJoined) {
    EXPECT_FALSE(client.cat(bucket, "d"));
    put("d/marker/", "");
    EXPECT_FALSE(client.cat(bucket, "d"));
    put("d/1", "x");
    EXPECT_EQ(client.cat(bucket, "d/", {.header_lines = true}), "d/1");
    EXPECT_THAT(client.ls(bucket, ""), ElementsAre("d/1"));
}

TEST_P(ClientContract, ObjectsAreJoinedInTheSameWay) {
    for (const Join& join : joins()) {
        SCOPED_TRACE(join.name);
        for (std::size_t i = 0; i < join.parts.size(); ++i) {
            put(fmt::format("d/{}.csv.x", i), join.parts[i]);
        }
        const auto key = client.cat(bucket, "d", join.options);
        ASSERT_TRUE(key);
        EXPECT_TRUE(key->starts_with("d/") && key->ends_with(".csv.x")) << *key;
        EXPECT_EQ(content_of(*key), join.expected);
        EXPECT_EQ(client.ls(bucket, "").size(), join.parts.size() + 1);
        client.rmtree(bucket, "d");
    }
}

TEST_P(ClientContract, HeadersThatDifferAreNotJoined) {
    put("d/1", "h\na\n");
    for (const char* other : {"g\nb\n", "H\nb\n", "h,\nb\n", "hh\n"}) {
        SCOPED_TRACE(other);
        put("d/2", other);
        EXPECT_THROW(client.cat(bucket, "d", {.header_lines = true}), errors::InvalidArgument);
        EXPECT_THAT(client.ls(bucket, ""), ElementsAre("d/1", "d/2"));
    }
}

}  // namespace tinybird_cdk::testing
