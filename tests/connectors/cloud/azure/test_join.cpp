// SPDX-License-Identifier: Apache-2.0
// Objects that are joined inside the store, and those that can't be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "account.hpp"

namespace tinybird_cdk::cloud::azure {
namespace {

using namespace tinybird_cdk::testing;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class TestAzureJoin : public ::testing::Test {
protected:
    std::string error_of(const std::function<void()>& step) {
        try {
            step();
        } catch (const errors::Error& error) {
            return fmt::format("{}: {} {}", error.name(), error.what(), error.hint());
        }
        return "no error";
    }
    std::string content_of(const std::optional<std::string>& key) {
        return key ? read_all(*client_.get(box_, *key)) : "nothing";
    }

    /// Inside the store, and through this machine.
    static void for_both_ways(const std::function<void(Client&, const std::string&)>& step) {
        Client inside(account_by_key(), quick());
        step(inside, "inside the store");
        const AzureProxy proxy([](const Received&, std::size_t) { return std::nullopt; }, false);
        Client through(proxy.environment(), quick());
        step(through, "through this machine");
    }

    TestContainer container_;
    const std::string& box_ = container_.name();
    Client client_{account_by_key(), quick()};
};

CatOptions with_headers() {
    return {.header_lines = true};
}

TEST_F(TestAzureJoin, NothingAndOne) {
    EXPECT_EQ(client_.cat(box_, "d"), std::nullopt);
    container_.write("d/", "");
    EXPECT_EQ(client_.cat(box_, "d"), std::nullopt);
    container_.write("d/a.csv", "1\n");
    EXPECT_EQ(client_.cat(box_, "d"), "d/a.csv");
    EXPECT_THAT(container_.keys(), ElementsAre("d/", "d/a.csv"));
}

TEST_F(TestAzureJoin, SmallAndLargePartsInTheOrderOfTheirKeys) {
    std::string whole;
    for (const auto& [name, bytes] : std::vector<std::pair<std::string, std::size_t>>{{"d/0 a+b%.csv.gz", 10},
                                                                                      {"d/1.csv.gz", 0},
                                                                                      {"d/2.csv.gz", 25'500},
                                                                                      {"d/3\u00fc.csv.gz", 1000},
                                                                                      {"d/4?x=1#y.csv.gz", 1}}) {
        container_.write(name, some_text(bytes));
        whole += some_text(bytes);
    }
    const auto key = client_.cat(box_, "d");
    ASSERT_TRUE(key);
    EXPECT_THAT(*key, EndsWith(".csv.gz"));
    EXPECT_EQ(content_of(key), whole);
    EXPECT_EQ(container_.keys().size(), 6U);
}

TEST_F(TestAzureJoin, HundredsOfBlocks) {
    Options options = quick();
    options.copy_bytes = 100;
    const std::string text = some_text(9'995);
    container_.write("d/a", text);
    container_.write("d/b", text);
    EXPECT_EQ(content_of(Client(account_by_key(), options).cat(box_, "d")), text + text);
}

TEST_F(TestAzureJoin, EmptyPartsMakeAnEmptyObject) {
    container_.write("d/a", "");
    container_.write("d/b", "");
    EXPECT_EQ(content_of(client_.cat(box_, "d")), "");
    EXPECT_EQ(container_.keys().size(), 3U);
}

TEST_F(TestAzureJoin, TooManyPartsGoThroughThisMachine) {
    Options options = quick();
    options.most_blocks = 3;
    std::string whole;
    for (int i = 0; i < 10; ++i) {
        container_.write(fmt::format("d/{}", i), some_text(1500));
        whole += some_text(1500);
    }
    EXPECT_EQ(content_of(Client(account_by_key(), options).cat(box_, "d")), whole);
}

TEST_F(TestAzureJoin, HeaderLinesAreKeptOnce) {
    container_.write("d/0", "");
    container_.write("d/1", "a,b\n1,2\n");
    container_.write("d/2", "a,b\r\n3,4\n");
    container_.write("d/3", "a,b\n");
    container_.write("d/4", "a,b");
    container_.write("d/5", "a,b\n" + some_text(3000));
    EXPECT_EQ(content_of(client_.cat(box_, "d", with_headers())), "a,b\n1,2\n3,4\n" + some_text(3000));
}

TEST_F(TestAzureJoin, TheHeaderThatIsKeptHasALineEnd) {
    container_.write("d/1", "a,b");
    container_.write("d/2", "a,b\n1,2\n");
    EXPECT_EQ(content_of(client_.cat(box_, "d", with_headers())), "a,b\n1,2\n");
    client_.rmtree(box_, "d");
    container_.write("d/1", "a,b");
    container_.write("d/2", "a,b");
    EXPECT_EQ(content_of(client_.cat(box_, "d", with_headers())), "a,b");
}

TEST_F(TestAzureJoin, LinesWithoutAnEndStayApart) {
    container_.write("d/0", "");
    container_.write("d/1", "1\n2");
    container_.write("d/2", "");
    container_.write("d/3", "3\n");
    container_.write("d/4", "4\r\n");
    container_.write("d/5", "5");
    container_.write("d/6", "\n");
    container_.write("d/7", some_text(2501));
    container_.write("d/8", "8");
    container_.write("d/9", "");
    const std::string with_ends = "1\n2\n3\n4\r\n5\n\n" + some_text(2501) + "\n8";
    const std::string as_they_are = "1\n23\n4\r\n5\n" + some_text(2501) + "8";
    const auto parts = client_.list(box_, "d/");
    for_both_ways([&](Client& client, const std::string& way) {
        client.join(box_, parts, "lines", {.lines = true});
        EXPECT_EQ(content_of("lines"), with_ends) << way;
        client.join(box_, parts, "bytes", {});
        EXPECT_EQ(content_of("bytes"), as_they_are) << way;
    });
}

TEST_F(TestAzureJoin, LinesWithoutAnEndStayApartUnderOneHeaderToo) {
    container_.write("d/1", "a,b");
    container_.write("d/2", "a,b\r\n1,2");
    container_.write("d/3", "a,b\n");
    container_.write("d/4", "");
    container_.write("d/5", "a,b\n3,4\n5,6");
    container_.write("d/6", "a,b\n" + some_text(1501));
    container_.write("d/7", "a,b\n7,8\n");
    container_.write("d/8", "a,b\n9,0");
    container_.write("d/9", "a,b");
    const auto parts = client_.list(box_, "d/");
    for_both_ways([&](Client& client, const std::string& way) {
        client.join(box_, parts, "joined", with_headers());
        EXPECT_EQ(content_of("joined"), "a,b\r\n1,2\n3,4\n5,6\n" + some_text(1501) + "\n7,8\n9,0") << way;
    });
}

TEST_F(TestAzureJoin, TheEndOfALineIsLookedForInPartsThatAnotherOneFollowsOnly) {
    container_.write("d/1", "1");
    container_.write("d/2", "2");
    container_.write("d/3", "");
    const AzureProxy proxy([](const Received&, std::size_t) { return std::nullopt; });
    Client client(proxy.environment(), quick());
    EXPECT_EQ(content_of(client.cat(box_, "d", {.lines = true})), "1\n2");
    std::vector<std::string> read;
    for (const Received& request : proxy.received()) {
        if (request.method == "GET" && request.header("x-ms-range")) {
            read.push_back(request.target.substr(request.target.rfind('/')) + " " + *request.header("x-ms-range"));
        }
    }
    EXPECT_THAT(read, ElementsAre("/1 bytes=0-0"));
}

TEST_F(TestAzureJoin, APartThatWasChangedIsRefusedWhenItsEndIsLookedForToo) {
    container_.write("d/1", "1");
    container_.write("d/2", "2");
    const auto parts = client_.list(box_, "d/");
    container_.write("d/1", "1\n");
    EXPECT_THAT(error_of([&] { client_.join(box_, parts, "target", {.lines = true}); }),
                HasSubstr("ExternalDatasourceError"));
    EXPECT_THAT(container_.keys(), ElementsAre("d/1", "d/2"));
}

TEST_F(TestAzureJoin, LongHeaderLines) {
    const std::string header = some_text(0) + std::string(200'000, 'h') + "\n";
    container_.write("d/1", header + "1\n");
    container_.write("d/2", header + "2\n");
    EXPECT_EQ(content_of(client_.cat(box_, "d", with_headers())), header + "1\n2\n");
}

TEST_F(TestAzureJoin, OtherHeaderLinesAreRefused) {
    container_.write("d/1", "a,b\n1,2\n");
    container_.write("d/2", "b,a\n3,4\n");
    const std::string error = error_of([&] { client_.cat(box_, "d", with_headers()); });
    EXPECT_THAT(error, HasSubstr("InvalidArgument"));
    EXPECT_THAT(error, HasSubstr("d/2 does not begin with the header line of d/1"));
    EXPECT_THAT(container_.keys(), ElementsAre("d/1", "d/2"));
}

TEST_F(TestAzureJoin, APartThatWasChangedIsRefused) {
    container_.write("d/1", some_text(1500));
    container_.write("d/2", some_text(1500));
    const auto parts = client_.list(box_, "d/");
    container_.write("d/2", some_text(1501));
    const std::string error = error_of([&] { client_.join(box_, parts, "target"); });
    EXPECT_THAT(error, HasSubstr("d/2 was changed since it was listed"));
    EXPECT_THAT(container_.keys(), ElementsAre("d/1", "d/2"));
}

TEST_F(TestAzureJoin, APartThatIsGoneIsRefused) {
    container_.write("d/1", some_text(1500));
    container_.write("d/2", some_text(1500));
    const auto parts = client_.list(box_, "d/");
    client_.rm(box_, "d/2");
    EXPECT_THAT(error_of([&] { client_.join(box_, parts, "target"); }), HasSubstr("ExternalDatasourceError"));
    EXPECT_THAT(container_.keys(), ElementsAre("d/1"));
}

TEST_F(TestAzureJoin, NamesThatAreTooLongForAHeaderGoThroughThisMachine) {
    container_.write("d/1" + std::string(800, '+'), "1\n");
    container_.write("d/2" + std::string(800, '+'), "2\n");
    const AzureProxy proxy([](const Received&, std::size_t) { return std::nullopt; });
    Client client(proxy.environment(), quick());
    EXPECT_EQ(content_of(client.cat(box_, "d")), "1\n2\n");
    for (const Received& request : proxy.received()) {
        EXPECT_FALSE(request.header("x-ms-copy-source"));
    }
}

TEST_F(TestAzureJoin, AStoreThatCantReadThePartsIsHelped) {
    container_.write("d/1", "a\n" + some_text(2500));
    container_.write("d/2", "a\n" + some_text(1500));
    const AzureProxy proxy([](const Received&, std::size_t) { return std::nullopt; }, false);
    Client client(proxy.environment(), quick());
    EXPECT_EQ(content_of(client.cat(box_, "d", with_headers())), "a\n" + some_text(2500) + some_text(1500));
    bool tried = false;
    for (const Received& request : proxy.received()) {
        tried = tried || request.header("x-ms-copy-source");
    }
    EXPECT_TRUE(tried);
}

}  // namespace
}  // namespace tinybird_cdk::cloud::azure
