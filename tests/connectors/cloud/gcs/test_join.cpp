// SPDX-License-Identifier: Apache-2.0
/// Objects that are joined inside the store, and joins that break.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

#include "proxy.hpp"
#include "store.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tinybird_cdk::testing::Received;
using tinybird_cdk::testing::Reply;

class JoinTest : public StoreTest {
protected:
    /// @return what the parts are together
    std::string put_parts(int count, const std::string& header = {}) {
        std::string all = header;
        for (int i = 0; i < count; ++i) {
            const std::string rows = fmt::format("{},row\n{},row\n", 2 * i, 2 * i + 1);
            put(fmt::format("d/{:04}.csv", i), header + rows);
            all += rows;
        }
        before = keys();
        return all;
    }
    /// Nothing but the parts is there.
    void expect_nothing_new() { EXPECT_EQ(keys(), before); }
    /// Nothing but the parts and the result.
    void expect_only(const std::string& result) {
        std::vector<std::string> expected = before;
        expected.push_back(result);
        std::sort(expected.begin(), expected.end());
        EXPECT_EQ(keys(), expected);
    }

    std::vector<std::string> before;
};

TEST_F(JoinTest, JoinsAnyNumberOfParts) {
    for (const int count : {2, 32, 33, 70}) {
        SCOPED_TRACE(count);
        const std::string all = put_parts(count);
        const auto result = client->cat(bucket, "d");
        ASSERT_TRUE(result);
        EXPECT_THAT(*result, ::testing::StartsWith("d/"));
        EXPECT_THAT(*result, ::testing::EndsWith(".csv"));
        EXPECT_EQ(content_of(*result), all);
        expect_only(*result);
        client->rm(bucket, *result);
    }
}

TEST_F(JoinTest, ATreeOfThreeLevels) {
    const std::string all = put_parts(1100);
    const auto result = client->cat(bucket, "d");
    ASSERT_TRUE(result);
    EXPECT_EQ(content_of(*result), all);
    expect_only(*result);
}

TEST_F(JoinTest, NothingAndOneNeedNoJoin) {
    EXPECT_EQ(client->cat(bucket, "d"), std::nullopt);
    put("d/", "");
    EXPECT_EQ(client->cat(bucket, "d"), std::nullopt);
    put("d/a.csv", "1\n");
    EXPECT_EQ(client->cat(bucket, "d"), "d/a.csv");
}

TEST_F(JoinTest, ANamedJoinOfOneIsACopy) {
    put("a", "1\n");
    client->join(bucket, client->list(bucket, "a"), "b");
    EXPECT_EQ(content_of("b"), "1\n");
}

TEST_F(JoinTest, EmptyPartsAreNothing) {
    put("d/a", "");
    put("d/b", "1\n");
    put("d/c", "");
    put("d/e", "2\n");
    EXPECT_EQ(content_of(client->cat(bucket, "d").value()), "1\n2\n");
    client->join(bucket, client->list(bucket, "d/a"), "empty");
    EXPECT_EQ(content_of("empty"), "");
}

TEST_F(JoinTest, AHeaderLineIsThereOnce) {
    for (const int count : {2, 33}) {
        SCOPED_TRACE(count);
        const std::string all = put_parts(count, "id,name\n");
        const auto result = client->cat(bucket, "d", {.header_lines = true});
        EXPECT_EQ(content_of(*result), all);
        expect_only(*result);
        client->rm(bucket, *result);
    }
}

TEST_F(JoinTest, LinesStayLinesWhateverPartsEndWith) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"h\n1", "h\n2"}, "h\n1\n2"},
        {{"h", "h\n2\n"}, "h\n2\n"},
        {{"h\n", "h\n", "h"}, "h\n"},
        {{"h\r\n1\r\n", "h\r\n2\r\n"}, "h\r\n1\r\n2\r\n"},
        {{"", "h\n1\n", "", "h\n2\n"}, "h\n1\n2\n"},
        {{"h\n1\n", "h\n2", "h", "h\n3"}, "h\n1\n2\n3"},
        {{"h", "h", "h"}, "h"},
        {{"\n1\n", "\n2\n"}, "\n1\n2\n"},
        {{"", ""}, ""}};
    for (const auto& [parts, expected] : cases) {
        SCOPED_TRACE(fmt::format("{}", fmt::join(parts, "|")));
        for (std::size_t i = 0; i < parts.size(); ++i) {
            put(fmt::format("c/{}", i), parts[i]);
        }
        client->join(bucket, client->list(bucket, "c/"), "joined", {.header_lines = true});
        EXPECT_EQ(content_of("joined"), expected);
        client->rmtree(bucket, "c");
    }
}

TEST_F(JoinTest, LinesThatHaveNoEndGetOne) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{{{"1\n", "2\n"}, "1\n2\n"},
                                                                              {{"1", "2"}, "1\n2"},
                                                                              {{"1", "2\n", "3"}, "1\n2\n3"},
                                                                              {{"", "1", "", "", "2", ""}, "1\n2"},
                                                                              {{"1", ""}, "1"},
                                                                              {{"1\r\n", "2\r", "3"}, "1\r\n2\r\n3"},
                                                                              {{"\n", "\n"}, "\n\n"},
                                                                              {{"1"}, "1"},
                                                                              {{"", ""}, ""}};
    for (const auto& [parts, expected] : cases) {
        SCOPED_TRACE(fmt::format("{}", fmt::join(parts, "|")));
        for (std::size_t i = 0; i < parts.size(); ++i) {
            put(fmt::format("c/{}", i), parts[i]);
        }
        client->join(bucket, client->list(bucket, "c/"), "joined", {.lines = true});
        EXPECT_EQ(content_of("joined"), expected);
        client->join(bucket, client->list(bucket, "c/"), "bytes", {});
        EXPECT_EQ(content_of("bytes"), fmt::format("{}", fmt::join(parts, "")));
        client->rmtree(bucket, "c");
    }
    EXPECT_THAT(keys(), ElementsAre("bytes", "joined"));
}

TEST_F(JoinTest, LinesStayInOrderInATree) {
    // Each third part is empty, each second has no end: the line breaks between make the tree wider than the parts do.
    for (const int count : {33, 1100}) {
        SCOPED_TRACE(count);
        std::string all;
        std::string owed;
        for (int i = 0; i < count; ++i) {
            const std::string row = i % 3 == 0 ? std::string() : fmt::format("{},row{}", i, i % 2 == 0 ? "" : "\n");
            put(fmt::format("d/{:04}.csv", i), row);
            all += row.empty() ? row : owed + row;
            owed = row.empty() ? owed : (row.ends_with('\n') ? "" : "\n");
        }
        before = keys();
        const auto result = client->cat(bucket, "d", {.lines = true});
        EXPECT_EQ(content_of(result.value()), all);
        expect_only(*result);
        client->rmtree(bucket, "d");
    }
}

TEST_F(JoinTest, LineEndsOfCompressedPartsAreRefused) {
    put("d/a.gz", "\x1f\x8b\x08 something");
    put("d/b.gz", "\x1f\x8b\x08 something");
    before = keys();
    try {
        client->cat(bucket, "d", {.lines = true});
        FAIL();
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("d/a.gz is compressed (gzip)"));
    }
    expect_nothing_new();
}

TEST_F(JoinTest, ALargePartIsStreamedWithoutItsHeader) {
    const std::string header = pattern(70'000).substr(0, 65'530) + "\n";
    std::string flat = header;
    std::replace(flat.begin(), flat.end() - 1, '\n', ' ');
    const std::string one = pattern(small_part + 1);
    const std::string two = pattern(3 * small_part);
    put("d/1", flat + "first\n");
    put("d/2", flat + one + "\n");
    put("d/3", flat + two);
    EXPECT_EQ(content_of(client->cat(bucket, "d", {.header_lines = true}).value()),
              flat + "first\n" + one + "\n" + two);
}

TEST_F(JoinTest, DifferentHeadersAreRefused) {
    put("d/a", "id,name\n1,x\n");
    put("d/b", "name,id\nx,1\n");
    before = keys();
    Proxy proxy;
    try {
        client_of(proxy.url())->cat(bucket, "d", {.header_lines = true});
        FAIL();
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("d/a and gs://" + bucket + "/d/b differ"));
    }
    EXPECT_EQ(proxy.count("POST"), 0);
    expect_nothing_new();
}

TEST_F(JoinTest, CompressedHeadersAreRefused) {
    put("d/a.gz", "\x1f\x8b\x08 something");
    put("d/b.gz", "\x1f\x8b\x08 something");
    EXPECT_THROW(client->cat(bucket, "d", {.header_lines = true}), errors::InvalidArgument);
    EXPECT_NO_THROW(client->cat(bucket, "d"));
}

TEST_F(JoinTest, APartThatWasChangedIsNotJoined) {
    for (const CatOptions& options :
         {CatOptions{}, CatOptions{.lines = true}, CatOptions{.lines = true, .header_lines = true}}) {
        SCOPED_TRACE(fmt::format("{} {}", options.lines, options.header_lines));
        put_parts(40, "h\n");
        const auto listed = client->list(bucket, "d/");
        put("d/0035.csv", "h\nchanged\n");
        Proxy proxy;
        try {
            client_of(proxy.url())->join(bucket, listed, "result", options);
            FAIL();
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("changed"));
            EXPECT_TRUE(error.retryable());
        }
        expect_nothing_new();
    }
}

/// Runs a join of 34 parts again and again, with a fault at the first request, the second, …, until none is hit.
/// Requests that clean up are not disturbed.
template <class Fault>
int break_each_request(Client& client, const std::string& bucket, const CatOptions& options, Fault&& next,
                       const std::function<void(bool failed)>& look) {
    const auto listed = client.list(bucket, "d/");
    for (int at = 1;; ++at) {
        bool hit = false;
        const auto broken = next(at, hit);
        bool failed = false;
        try {
            broken.first->join(bucket, listed, "d/result", options);
        } catch (const errors::Error&) {
            failed = true;
        }
        if (!hit) {
            EXPECT_FALSE(failed);
            return at;
        }
        look(failed);
    }
}

bool cleans_up(const Received& request) {
    return request.method == "DELETE";
}

TEST_F(JoinTest, ARefusalAtAnyRequestLeavesNothing) {
    for (const CatOptions& options : {CatOptions{}, CatOptions{.lines = true}, CatOptions{.header_lines = true}}) {
        const std::string all = put_parts(34, "h\n");
        // A line that has no end, so that with `lines` there is a line break to compose.
        put("d/0000.csv", "h\n0,row\n1,row");
        const int requests = break_each_request(
            *client, bucket, options,
            [this](int at, bool& hit) {
                auto proxy = std::make_unique<Proxy>(
                    [at, &hit, passed = 0](const Received& request, int) mutable -> std::optional<Reply> {
                        if (cleans_up(request) || ++passed != at) {
                            return std::nullopt;
                        }
                        hit = true;
                        return Reply::json("{}", 403);
                    });
                auto breaking = client_of(proxy->url());
                return std::pair(std::move(breaking), std::move(proxy));
            },
            [this](bool failed) {
                EXPECT_TRUE(failed);
                expect_nothing_new();
            });
        EXPECT_GT(requests, 4);
        if (options.header_lines) {
            EXPECT_EQ(content_of("d/result"), all);
        }
        expect_only("d/result");
        client->rm(bucket, "d/result");
    }
}

TEST_F(JoinTest, ALostAnswerAtAnyRequestLeavesNothingOrAll) {
    for (const bool tries : {false, true}) {
        const std::string all = put_parts(34);
        break_each_request(
            *client, bucket, {},
            [this, tries](int at, bool& hit) {
                auto proxy = std::make_unique<Proxy>(
                    Proxy::Before{}, [at, &hit, passed = 0](const Received& request, Reply& reply, int) mutable {
                        if (!cleans_up(request) && ++passed == at) {
                            hit = true;
                            reply = no_answer();
                        }
                    });
                auto breaking = client_of(proxy->url(), tries);
                return std::pair(std::move(breaking), std::move(proxy));
            },
            [this, tries, &all](bool failed) {
                // libcurl itself asks again when a kept connection breaks, so not all of these fail.
                EXPECT_FALSE(failed && tries);
                if (failed) {
                    expect_nothing_new();
                } else {
                    EXPECT_EQ(content_of("d/result"), all);
                    expect_only("d/result");
                    client->rm(bucket, "d/result");
                }
            });
        client->rm(bucket, "d/result");
    }
}

TEST_F(JoinTest, StoppingLeavesNothingOrAll) {
    for (const CatOptions& plain : {CatOptions{}, CatOptions{.lines = true}, CatOptions{.header_lines = true}}) {
        put_parts(34, "h\n");
        put("d/0000.csv", "h\n0,row\n1,row");
        const auto listed = client->list(bucket, "d/");
        bool hit = true;
        for (int at = 1; hit; ++at) {
            SCOPED_TRACE(at);
            hit = false;
            std::stop_source stop;
            bool makes_result = false;
            CatOptions options = plain;
            options.stop = stop.get_token();
            bool stopped = false;
            int passed = 0;
            {
                // The request that is under way when the stop is asked for is carried out, and the proxy goes away when
                // all is: what is left behind then stays.
                const Proxy proxy([&](const Received& request, int) -> std::optional<Reply> {
                    if (!cleans_up(request) && ++passed == at) {
                        hit = true;
                        makes_result = request.path().ends_with("%2Fresult/compose");
                        stop.request_stop();
                    }
                    return std::nullopt;
                });
                try {
                    client_of(proxy.url())->join(bucket, listed, "d/result", options);
                } catch (const errors::InterruptedError&) {
                    stopped = true;
                }
            }
            // The last request makes the result, or does not: it is not cut off.
            EXPECT_EQ(stopped, hit && !makes_result);
            if (stopped) {
                expect_nothing_new();
            } else {
                expect_only("d/result");
                client->rm(bucket, "d/result");
            }
        }
    }
}

TEST_F(JoinTest, WhatCanNotBeDeletedIsListed) {
    put_parts(34);
    Proxy proxy([composed = 0](const Received& request, int) mutable -> std::optional<Reply> {
        const bool composes = request.path().ends_with("/compose");
        if (cleans_up(request) || (composes && ++composed == 3)) {
            return Reply::json(R"({"error":{"message":"denied"}})", 403);
        }
        return std::nullopt;
    });
    try {
        client_of(proxy.url())->cat(bucket, "d");
        FAIL();
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("403: denied; left behind in gs://" + bucket + "/: d/tb-cdk-"));
        EXPECT_THAT(error.hint(), HasSubstr("by hand"));
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
