// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "transfer/joined_body.hpp"

namespace tinybird_cdk::transfer {
namespace {

using ::testing::HasSubstr;

/// Objects in memory, given a few bytes at a time. What stores do is tried on real ones, in tests/connectors/cloud.
class Memory final : public cloud::Client {
public:
    std::map<std::string, std::string, std::less<>> objects;
    std::size_t step = 3;

    std::vector<cloud::Object> all() { return list("b", ""); }

protected:
    std::string uri_(std::string_view bucket, std::string_view key) const override {
        return "mem://" + std::string(bucket) + "/" + std::string(key);
    }
    std::vector<cloud::Object> list_(std::string_view, std::string_view prefix, const std::stop_token&) override {
        std::vector<cloud::Object> found;
        for (const auto& [key, bytes] : objects) {
            if (key.starts_with(prefix)) {
                found.push_back({.key = key, .size = bytes.size(), .modified = {}, .etag = {}});
            }
        }
        return found;
    }
    std::string public_url_(std::string_view bucket, std::string_view key, std::chrono::seconds) override {
        return uri_(bucket, key);
    }
    void rm_(std::string_view, std::string_view key, const std::stop_token&) override {
        objects.erase(std::string(key));
    }
    void join_(std::string_view, const std::vector<cloud::Object>&, std::string_view,
               const cloud::CatOptions&) override {}
    void put_(std::string_view, std::string_view, Body&, const std::stop_token&) override {}
    std::unique_ptr<Body> get_(std::string_view, std::string_view key, const std::stop_token&) override {
        class Steps final : public Body {
        public:
            Steps(std::string bytes, std::size_t step) : bytes_(std::move(bytes)), step_(step) {}
            std::size_t read(std::span<char> into) override {
                const std::size_t count = std::min({into.size(), step_, bytes_.size() - at_});
                std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), count, into.begin());
                at_ += count;
                return count;
            }
            bool rewind() override { return false; }
            [[nodiscard]] std::optional<std::uint64_t> size() const override { return bytes_.size(); }

        private:
            const std::string bytes_;
            const std::size_t step_;
            std::size_t at_ = 0;
        };
        return std::make_unique<Steps>(objects.find(key)->second, step);
    }
    std::optional<cloud::Object> stat_(std::string_view, std::string_view, const std::stop_token&) override {
        return std::nullopt;
    }
};

std::string all_of(Body& body, std::size_t block = 7) {
    std::string text;
    std::string buffer(block, '\0');
    while (const std::size_t count = body.read(buffer)) {
        text.append(buffer, 0, count);
    }
    return text;
}

class TestJoinedBody : public ::testing::Test {
protected:
    std::string joined(const std::vector<std::string>& parts, const JoinRules& rules) {
        store.objects.clear();
        for (std::size_t i = 0; i < parts.size(); ++i) {
            store.objects[std::string(1, static_cast<char>('1' + i))] = parts[i];
        }
        JoinedBody body(store, "b", store.all(), rules, {});
        std::string first = all_of(body);
        EXPECT_TRUE(body.rewind());
        EXPECT_EQ(all_of(body, 1), first) << "read again, byte by byte";
        return first;
    }

    Memory store;
    const JoinRules bytes{};
    const JoinRules lines{.lines = true};
    const JoinRules csv{.lines = true, .header = CsvHeader({"id", "name"})};
    const JoinRules same{.lines = true, .header_lines = true};
};

TEST_F(TestJoinedBody, BytesAsTheyAre) {
    EXPECT_EQ(joined({"abc", "", "def", ""}, bytes), "abcdef");
    EXPECT_EQ(joined({}, bytes), "");
    EXPECT_EQ(joined({"\xEF\xBB\xBF"
                      "a\n",
                      "\xEF\xBB\xBF"
                      "b\n"},
                     bytes),
              "\xEF\xBB\xBF"
              "a\n\xEF\xBB\xBF"
              "b\n");
}

TEST_F(TestJoinedBody, ALineWithoutAnEndGetsOne) {
    EXPECT_EQ(joined({"1,one", "2,two\n", "3,three"}, lines), "1,one\n2,two\n3,three");
    EXPECT_EQ(joined({"1,one", "", "2,two"}, lines), "1,one\n2,two");
    EXPECT_EQ(joined({"", "1,one"}, lines), "1,one");
    EXPECT_EQ(joined({"1,one\r\n", "2,two\r\n"}, lines), "1,one\r\n2,two\r\n");
    EXPECT_EQ(joined({"1,one", "\n"}, lines), "1,one\n\n");
}

TEST_F(TestJoinedBody, MarksOfUtf8AreNotDoubled) {
    EXPECT_EQ(joined({"\xEF\xBB\xBF"
                      "1\n",
                      "\xEF\xBB\xBF"
                      "2\n",
                      "3\n"},
                     lines),
              "\xEF\xBB\xBF"
              "1\n2\n3\n");
    EXPECT_EQ(joined({"\xEF\xBB\xBFid,name\n1,a\n", "\xEF\xBB\xBFid,name\n2,b\n"}, csv),
              "\xEF\xBB\xBFid,name\n1,a\n2,b\n");
    EXPECT_EQ(joined({"id,name\n1,a\n", "\xEF\xBB\xBFid,name\n2,b\n"}, csv), "id,name\n1,a\n2,b\n");
}

TEST_F(TestJoinedBody, HeaderLinesStandOnce) {
    EXPECT_EQ(joined({"id,name\n1,a\n", "id,name\n2,b\n", "id,name\n3,c"}, csv), "id,name\n1,a\n2,b\n3,c");
    EXPECT_EQ(joined({"id,name\r\n1,a\r\n", "id,name\n2,b\n"}, csv), "id,name\r\n1,a\r\n2,b\n");
    EXPECT_EQ(joined({"id,name", "id,name\n2,b", "id,name", "id,name\n", "id,name\n3,c\n"}, csv),
              "id,name\n2,b\n3,c\n");
    EXPECT_EQ(joined({"", "id,name\n1,a\n", "", "id,name\n2,b\n"}, csv), "id,name\n1,a\n2,b\n");
    // Only the first one has a header.
    EXPECT_EQ(joined({"id,name\n1,a", "2,b\n"}, csv), "id,name\n1,a\n2,b\n");
    // None has one.
    EXPECT_EQ(joined({"1,a\n", "1,a\n"}, csv), "1,a\n1,a\n");
}

TEST_F(TestJoinedBody, HeaderLinesThatContradictEachOtherAreRefused) {
    for (const std::vector<std::string>& parts :
         {std::vector<std::string>{"1,a\n", "id,name\n2,b\n"}, {"id,name\n1,a\n", "name,id\nb,2\n"}}) {
        try {
            joined(parts, csv);
            FAIL() << "nothing was thrown";
        } catch (const errors::InvalidArgument& error) {
            EXPECT_THAT(error.what(), HasSubstr("mem://b/2 begins with"));
            EXPECT_THAT(error.what(), HasSubstr("mem://b/1"));
        }
    }
}

TEST_F(TestJoinedBody, AFirstLineThatIsPromisedIsCut) {
    EXPECT_EQ(joined({"x,y\n1,a\n", "x,y\n2,b\n"}, same), "x,y\n1,a\n2,b\n");
    EXPECT_EQ(joined({"x,y\n", "x,y\n"}, same), "x,y\n");
    EXPECT_THROW(joined({"x,y\n1,a\n", "2,b\n"}, same), errors::InvalidArgument);
}

TEST_F(TestJoinedBody, AHeaderLineMayBePutInFront) {
    const JoinRules headed{.lines = true, .begin = "\"id\",\"name\"\n"};
    EXPECT_EQ(joined({"1,a", "2,b\n"}, headed), "\"id\",\"name\"\n1,a\n2,b\n");
    EXPECT_EQ(joined({"1,a\n"}, headed), "\"id\",\"name\"\n1,a\n");
    EXPECT_EQ(joined({"",
                      "\xEF\xBB\xBF"
                      "1,a\n"},
                     headed),
              "\"id\",\"name\"\n1,a\n");
    EXPECT_EQ(joined({"id,name\n", "id,name\n"}, headed), "\"id\",\"name\"\nid,name\nid,name\n") << "these are rows";
}

TEST_F(TestJoinedBody, WithoutColumnsAnEqualFirstLineIsRefused) {
    const JoinRules unknown{.lines = true, .refuse_equal_first_lines = true};
    EXPECT_EQ(joined({"1,a\n", "2,b\n"}, unknown), "1,a\n2,b\n");
    EXPECT_THROW(joined({"id,name\n1,a\n", "id,name\n2,b\n"}, unknown), errors::InvalidArgument);
}

TEST_F(TestJoinedBody, CompressedObjectsAreRefusedWhateverTheirName) {
    EXPECT_THROW(joined({"1,a\n", "\x1f\x8b\x08"}, lines), errors::InvalidArgument);
    EXPECT_EQ(joined({"\x1f\x8b\x08", "\x1f\x8b\x08"}, bytes), "\x1f\x8b\x08\x1f\x8b\x08");
}

TEST_F(TestJoinedBody, LinesLongerThanWhatIsLookedAt) {
    store.step = 100'000;
    const std::string longest(3'000'000, 'x');
    EXPECT_TRUE(joined({longest, longest + "\n"}, csv) == longest + "\n" + longest + "\n");
}

}  // namespace
}  // namespace tinybird_cdk::transfer
