// SPDX-License-Identifier: Apache-2.0
/// What goes wrong at each step of an upload leaves nothing behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "helpers/unsized_body.hpp"
#include "relay.hpp"
#include "store.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::size_t mega = 1U << 20U;

cloud::s3::Options small_parts() {
    cloud::s3::Options options = quick_options();
    options.part_size = 5 * mega;
    return options;
}

class S3Faults : public ::testing::TestWithParam<Store> {
protected:
    S3Faults() : raw(GetParam()), client(GetParam().environment(), quick_options()) {
        raw.make_bucket(bucket);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            client.put(bucket, "d/" + std::to_string(i), *body_of(parts[i]));
        }
    }

    /// Uploads and joins with a fault. @return how many of the two threw
    int run(const std::function<Fault(const std::string&, int)>& fault) {
        int thrown = 0;
        for (const bool joins : {false, true}) {
            Relay relay(GetParam(), fault);
            cloud::s3::Client through(GetParam().environment(relay.url()), small_parts());
            // As cat() names what it makes: nobody else's, so what is unheard of there may be aborted.
            const std::string key = joins ? "d2/tinybird_cdk_0f86d081884c.csv" : "tinybird_cdk_1f86d081884c/put";
            try {
                if (joins) {
                    through.join(bucket, client.list(bucket, "d/"), key);
                } else {
                    UnsizedBody body(parts[0] + parts[1] + parts[2]);
                    through.put(bucket, key, body);
                }
                EXPECT_TRUE(read_all(*client.get(bucket, key)) == parts[0] + parts[1] + parts[2]) << key;
                client.rm(bucket, key);
            } catch (const errors::ExternalDatasourceError&) {
                ++thrown;
                EXPECT_FALSE(client.exists(bucket, key)) << key;
            }
            EXPECT_THAT(raw.unfinished(bucket), IsEmpty()) << key;
        }
        return thrown;
    }

    const std::string bucket = new_bucket();
    const std::vector<std::string> parts{content(6 * mega, 1), content(3, 2), content(6 * mega, 3)};
    RawStore raw;
    cloud::s3::Client client;
};

INSTANTIATE_TEST_SUITE_P(Stores, S3Faults, ::testing::ValuesIn(stores()), name_of);

bool is_step(const std::string& step, const std::string& wanted) {
    return wanted == "part" ? step == "part" || step == "copy" : step == wanted;
}

TEST_P(S3Faults, OnceAtEachStepIsOvercome) {
    for (const std::string wanted : {"create", "part", "complete"}) {
        for (const Fault fault : {Fault::lost_request, Fault::lost_answer, Fault::unavailable}) {
            SCOPED_TRACE(wanted + " " + std::to_string(static_cast<int>(fault)));
            EXPECT_EQ(run([&](const std::string& step, int nth) {
                          return is_step(step, wanted) && nth == 0 ? fault : Fault::none;
                      }),
                      0);
        }
    }
}

TEST_P(S3Faults, AlwaysAtAStepLeavesNothing) {
    for (const std::string wanted : {"create", "part", "complete"}) {
        for (const Fault fault : {Fault::lost_request, Fault::unavailable, Fault::refused}) {
            SCOPED_TRACE(wanted + " " + std::to_string(static_cast<int>(fault)));
            EXPECT_EQ(run([&](const std::string& step, int) { return is_step(step, wanted) ? fault : Fault::none; }),
                      2);
        }
    }
}

TEST_P(S3Faults, LaterPartsThatFailLeaveNothing) {
    int parts_of_upload = 0;
    EXPECT_EQ(run([&](const std::string& step, int) {
                  parts_of_upload = step == "create" ? 0 : parts_of_upload + (is_step(step, "part") ? 1 : 0);
                  return is_step(step, "part") && parts_of_upload > 1 ? Fault::refused : Fault::none;
              }),
              2);
}

TEST_P(S3Faults, CreationsThatNobodyHearsOfAreCleanedUp) {
    EXPECT_EQ(run([&](const std::string& step, int) { return step == "create" ? Fault::lost_answer : Fault::none; }),
              2);
}

TEST_P(S3Faults, CreationsComeOnConnectionsOfTheirOwn) {
    // On a kept connection that ends without an answer, libcurl would begin a second upload without a word.
    const std::string key = "plain";
    Relay relay(GetParam(), [](const std::string& step, int nth) {
        return step == "create" && nth == 0 ? Fault::lost_answer : Fault::none;
    });
    cloud::s3::Client through(GetParam().environment(relay.url()), small_parts());
    for (const std::string text : {"1", "2"}) {
        through.put(bucket, "small", *body_of(text));
    }
    UnsizedBody body(parts[0]);
    through.put(bucket, key, body);
    const std::vector<std::size_t> before = relay.connections("put");
    const std::vector<std::size_t> creations = relay.connections("create");
    ASSERT_EQ(before.size(), 2U);
    EXPECT_EQ(before.front(), before.back()) << "the client keeps no connections";
    ASSERT_EQ(creations.size(), 2U);
    EXPECT_NE(creations.front(), before.back());
    EXPECT_NE(creations.back(), creations.front());
    // The retry was the kit's own, so it knew that something might be left, and looked.
    EXPECT_THAT(relay.steps(), Contains("uploads"));
}

TEST_P(S3Faults, UploadsOfOthersAreNotAborted) {
    for (const Fault fault : {Fault::lost_request, Fault::lost_answer, Fault::unavailable}) {
        for (const bool always : {false, true}) {
            SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + (always ? " always" : " once"));
            const std::string key = "shared/" + std::to_string(static_cast<int>(fault)) + (always ? "a" : "b");
            std::string others;
            Relay relay(GetParam(), [&](const std::string& step, int nth) {
                if (step != "create") {
                    return Fault::none;
                }
                if (nth == 0) {
                    others = raw.begin_upload(bucket, key);
                }
                return nth == 0 || always ? fault : Fault::none;
            });
            cloud::s3::Client through(GetParam().environment(relay.url()), small_parts());
            UnsizedBody body(parts[0]);
            std::string said;
            ::testing::internal::CaptureStdout();
            try {
                through.put(bucket, key, body);
            } catch (const errors::ExternalDatasourceError& error) {
                said = error.what();
            }
            const std::string log = ::testing::internal::GetCapturedStdout();
            EXPECT_EQ(said.empty(), !always);
            const std::vector<std::string> left = raw.unfinished(bucket, key);
            EXPECT_THAT(left, Contains(others));
            // All that is there is named with what to do, for one may be this call's.
            for (const std::string& upload : left) {
                EXPECT_THAT(always ? said : log, HasSubstr("aws s3api abort-multipart-upload --bucket '" + bucket +
                                                           "' --key '" + key + "' --upload-id '" + upload + "'"));
            }
        }
    }
}

TEST_P(S3Faults, AWrongClockChangesNothing) {
    for (const int ahead : {-10, 10}) {
        for (const std::string wanted : {"create", "complete"}) {
            SCOPED_TRACE(wanted + " " + std::to_string(ahead));
            Relay relay(GetParam(), [&](const std::string& step, int) {
                return step == wanted ? Fault::lost_answer : Fault::none;
            });
            cloud::s3::Options options = small_parts();
            options.clock = wrong_clock(std::chrono::minutes(ahead));
            cloud::s3::Client through(GetParam().environment(relay.url()), options);
            const std::string key = "tinybird_cdk_2f86d081884c";
            UnsizedBody body(parts[0]);
            if (wanted == "complete") {
                through.put(bucket, key, body);
                EXPECT_TRUE(read_all(*client.get(bucket, key)) == parts[0]);
            } else {
                EXPECT_THROW(through.put(bucket, key, body), errors::ExternalDatasourceError);
            }
            EXPECT_THAT(raw.unfinished(bucket), IsEmpty());
        }
    }
}

TEST_P(S3Faults, AnOlderObjectOfTheSameSizeIsNotTakenForTheNewOne) {
    cloud::s3::Client direct(GetParam().environment(), small_parts());
    UnsizedBody old(parts[0]);
    direct.put(bucket, "tinybird_cdk_3f86d081884c", old);
    Relay relay(GetParam(),
                [](const std::string& step, int) { return step == "complete" ? Fault::lost_request : Fault::none; });
    cloud::s3::Options options = small_parts();
    options.clock = wrong_clock(std::chrono::minutes(-10));
    cloud::s3::Client through(GetParam().environment(relay.url()), options);
    UnsizedBody body(parts[2]);
    EXPECT_THROW(through.put(bucket, "tinybird_cdk_3f86d081884c", body), errors::ExternalDatasourceError);
    EXPECT_TRUE(read_all(*client.get(bucket, "tinybird_cdk_3f86d081884c")) == parts[0]);
    EXPECT_THAT(raw.unfinished(bucket), IsEmpty());
}

TEST_P(S3Faults, CompletionThatNobodyHearsOfIsFound) {
    EXPECT_EQ(run([&](const std::string& step, int) { return step == "complete" ? Fault::lost_answer : Fault::none; }),
              0);
}

TEST_P(S3Faults, RefusalsInsideGoodAnswers) {
    EXPECT_EQ(run([&](const std::string& step, int nth) {
                  return (step == "complete" || step == "copy") && nth == 0 ? Fault::refusal_in_a_200 : Fault::none;
              }),
              0);
    EXPECT_EQ(
        run([&](const std::string& step, int) { return step == "complete" ? Fault::refusal_in_a_200 : Fault::none; }),
        2);
}

TEST_P(S3Faults, WhatCanNotBeAbortedIsNamed) {
    Relay relay(GetParam(), [](const std::string& step, int) {
        return step == "complete" || step == "abort" ? Fault::refused : Fault::none;
    });
    cloud::s3::Client through(GetParam().environment(relay.url()), small_parts());
    UnsizedBody body(parts[0]);
    try {
        through.put(bucket, "k", body);
        FAIL() << "it can't have worked";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("AccessDenied"));
        EXPECT_THAT(error.what(), HasSubstr("is left, for it could not be aborted"));
        EXPECT_THAT(error.what(), HasSubstr("s3://" + bucket + "/k"));
        EXPECT_EQ(error.sqlstate(), "AccessDenied");
        const std::vector<std::string> left = raw.unfinished(bucket, "k");
        ASSERT_THAT(left, SizeIs(1));
        EXPECT_THAT(error.what(), HasSubstr("--bucket '" + bucket + "' --key 'k' --upload-id '" + left.front() + "'"));
    }
}

TEST_P(S3Faults, StoppedUploadsLeaveNothing) {
    for (const std::string wanted : {"create", "part", "complete"}) {
        SCOPED_TRACE(wanted);
        std::stop_source source;
        Relay relay(GetParam(), [&](const std::string& step, int) {
            if (is_step(step, wanted)) {
                source.request_stop();
            }
            return Fault::none;
        });
        cloud::s3::Client through(GetParam().environment(relay.url()), small_parts());
        UnsizedBody body(parts[0] + parts[2]);
        bool stopped = false;
        try {
            through.put(bucket, "stopped", body, source.get_token());
        } catch (const errors::InterruptedError&) {
            stopped = true;
        }
        // Once the store was told to complete it, it is complete.
        EXPECT_EQ(stopped, wanted != "complete");
        EXPECT_EQ(client.exists(bucket, "stopped"), !stopped);
        EXPECT_THAT(raw.unfinished(bucket), IsEmpty());
    }
}

}  // namespace
}  // namespace tinybird_cdk::testing
