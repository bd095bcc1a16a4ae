// SPDX-License-Identifier: Apache-2.0
/// Objects of all sizes, and uploads that break.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>

#include "helpers/unsized_body.hpp"
#include "proxy.hpp"
#include "store.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tinybird_cdk::testing::Received;
using tinybird_cdk::testing::Reply;
using tinybird_cdk::testing::UnsizedBody;

using UploadTest = StoreTest;

/// A body that does something when so many bytes of it were read.
class TrippingBody final : public Body {
public:
    TrippingBody(std::string bytes, std::size_t at, std::function<void()> then)
        : inner_(std::move(bytes)), at_(at), then_(std::move(then)) {}
    std::size_t read(std::span<char> into) override {
        const std::size_t count = inner_.read(into.subspan(0, std::min<std::size_t>(into.size(), 10'000)));
        if (read_ < at_ && read_ + count >= at_) {
            then_();
        }
        read_ += count;
        return count;
    }
    bool rewind() override { return false; }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    UnsizedBody inner_;
    const std::size_t at_;
    const std::function<void()> then_;
    std::size_t read_ = 0;
};

bool cancels(const Received& request) {
    return request.method == "DELETE" && request.path().starts_with("/upload/");
}

bool was_cancelled(const Proxy& proxy) {
    const auto requests = proxy.received();
    return std::any_of(requests.begin(), requests.end(), cancels);
}

TEST_F(UploadTest, TakesAllSizesToldOrNot) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, small_part - 1, small_part, small_part + 1,
                                   2 * small_part - 1, 2 * small_part, 2 * small_part + 1, 5 * small_part + 12345}) {
        SCOPED_TRACE(size);
        const std::string content = pattern(size);
        put("told", content);
        UnsizedBody untold(content);
        client->put(bucket, "untold", untold);
        EXPECT_EQ(client->size(bucket, "told"), size);
        EXPECT_EQ(content_of("told"), content);
        EXPECT_EQ(content_of("untold"), content);
    }
}

TEST_F(UploadTest, SmallObjectsAreOneRequest) {
    Proxy proxy;
    client_of(proxy.url())->put(bucket, "a", *body_of(pattern(small_part)));
    ASSERT_EQ(proxy.received().size(), 1U);
    EXPECT_THAT(proxy.received().front().body, HasSubstr("\"crc32c\":"));
}

TEST_F(UploadTest, PartsAreWholeUnits) {
    Proxy proxy;
    client_of(proxy.url())->put(bucket, "a", *body_of(pattern(2 * small_part + 7)));
    std::vector<std::string> ranges;
    for (const Received& request : proxy.received()) {
        if (request.method == "PUT") {
            ranges.push_back(request.header("content-range").value());
        }
    }
    EXPECT_THAT(ranges, ElementsAre("bytes 0-262143/*", "bytes 262144-524287/*", "bytes 524288-524294/524295"));
}

TEST_F(UploadTest, ALostAnswerIsAskedForAgain) {
    // Each request of the upload in turn is carried out, and its answer gets lost.
    const std::string content = pattern(3 * small_part + 7);
    for (int lost = 1; lost <= 5; ++lost) {
        SCOPED_TRACE(lost);
        Proxy proxy({}, [lost](const Received&, Reply& reply, int number) {
            if (number == lost) {
                reply = no_answer();
            }
        });
        client_of(proxy.url())->put(bucket, "a", *body_of(content));
        EXPECT_EQ(content_of("a"), content);
        client->rm(bucket, "a");
    }
}

TEST_F(UploadTest, APartThatDidNotArriveIsSentAgain) {
    const std::string content = pattern(3 * small_part + 7);
    for (int refused = 1; refused <= 5; ++refused) {
        SCOPED_TRACE(refused);
        Proxy proxy([refused](const Received&, int number) {
            return number == refused ? std::optional(Reply::json("{}", 503)) : std::nullopt;
        });
        client_of(proxy.url())->put(bucket, "a", *body_of(content));
        EXPECT_EQ(content_of("a"), content);
        client->rm(bucket, "a");
    }
}

TEST_F(UploadTest, AnUploadThatFailsIsCancelled) {
    for (int refused = 2; refused <= 4; ++refused) {
        SCOPED_TRACE(refused);
        Proxy proxy([refused](const Received&, int number) {
            return number == refused ? std::optional(Reply::json(R"({"error":{"message":"no more"}})", 403))
                                     : std::nullopt;
        });
        try {
            client_of(proxy.url())->put(bucket, "a", *body_of(pattern(2 * small_part + 7)));
            FAIL();
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("/a can't be written: 403: no more"));
            EXPECT_THAT(error.hint(), HasSubstr("roles/storage.objectAdmin"));
        }
        EXPECT_TRUE(was_cancelled(proxy));
        EXPECT_THAT(keys(), IsEmpty());
    }
}

TEST_F(UploadTest, ABodyThatFailsLeavesNothing) {
    for (const std::size_t at : {std::size_t{5}, 3 * small_part}) {
        SCOPED_TRACE(at);
        Proxy proxy;
        TrippingBody body(pattern(4 * small_part), at, [] { throw errors::Error("the source broke"); });
        EXPECT_THROW(client_of(proxy.url())->put(bucket, "a", body), errors::Error);
        EXPECT_EQ(was_cancelled(proxy), at > small_part);
        EXPECT_THAT(keys(), IsEmpty());
    }
}

TEST_F(UploadTest, StoppingLeavesNothing) {
    Proxy proxy;
    std::stop_source stop;
    TrippingBody body(pattern(4 * small_part), 3 * small_part, [&] { stop.request_stop(); });
    EXPECT_THROW(client_of(proxy.url())->put(bucket, "a", body, stop.get_token()), errors::InterruptedError);
    EXPECT_TRUE(was_cancelled(proxy));
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(UploadTest, StoppingAtAnyRequestLeavesNothingOrAll) {
    for (const std::size_t size : {std::size_t{100}, 2 * small_part + 7}) {
        const std::string content = pattern(size);
        const int requests = size < small_part ? 1 : 4;
        for (int at = 1; at <= requests; ++at) {
            SCOPED_TRACE(at);
            std::stop_source stop;
            bool stopped = false;
            {
                // The request is carried out, and the proxy goes away when all is: what is left behind then stays.
                const Proxy proxy([&stop, at](const Received&, int number) -> std::optional<Reply> {
                    if (number == at) {
                        stop.request_stop();
                    }
                    return std::nullopt;
                });
                try {
                    client_of(proxy.url())->put(bucket, "a", *body_of(content), stop.get_token());
                } catch (const errors::InterruptedError&) {
                    stopped = true;
                }
            }
            // The last request makes the object: it is not cut off.
            EXPECT_EQ(stopped, at < requests);
            if (stopped) {
                EXPECT_THAT(keys(), IsEmpty());
            } else {
                EXPECT_EQ(content_of("a"), content);
                client->rm(bucket, "a");
            }
        }
    }
}

TEST_F(UploadTest, DamagedBytesAreNotKept) {
    for (const std::size_t size : {std::size_t{100}, 2 * small_part + 7}) {
        SCOPED_TRACE(size);
        // The server's own checksum is of what it has; one that differs stands for bytes that changed on the way.
        Proxy proxy({}, [](const Received&, Reply& reply, int) {
            auto document = nlohmann::json::parse(reply.body, nullptr, false);
            if (reply.status == 200 && document.is_object() && document.contains("crc32c")) {
                document["crc32c"] = "AAAAAA==";
                reply.body = document.dump();
            }
        });
        try {
            client_of(proxy.url())->put(bucket, "a", *body_of(pattern(size)));
            FAIL();
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr("was damaged on its way"));
            EXPECT_TRUE(error.retryable());
        }
        EXPECT_THAT(keys(), IsEmpty());
    }
}

TEST_F(UploadTest, TheOldObjectStaysUntilTheNewOneIsWhole) {
    put("a", "old");
    Proxy proxy(
        [](const Received&, int number) { return number == 3 ? std::optional(Reply::json("{}", 403)) : std::nullopt; });
    EXPECT_THROW(client_of(proxy.url())->put(bucket, "a", *body_of(pattern(3 * small_part))),
                 errors::ExternalDatasourceError);
    EXPECT_EQ(content_of("a"), "old");
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
