// SPDX-License-Identifier: Apache-2.0
/// From real stores into a local Tinybird: what is in the data source afterwards, however the load went.
#include <algorithm>
#include <memory>
#include <stop_token>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/registry.hpp>

#include "core/encode/written.hpp"
#include "helpers/target.hpp"
#include "http/gzip.hpp"
#include "relay.hpp"
#include "store.hpp"

namespace tinybird_cdk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

schema::Schema numbers_and_texts() {
    schema::Schema schema;
    schema.columns = {{"n", "", schema::Int64(), "", "", ""}, {"t", "", schema::String(), "", "", ""}};
    schema.sorting_key = {"n"};
    return schema;
}

std::string csv(int from, int to) {
    std::string text;
    for (int n = from; n <= to; ++n) {
        text += fmt::format("{},\"text {}\"\n", n, n);
    }
    return text;
}

std::string ndjson(int from, int to) {
    std::string text;
    for (int n = from; n <= to; ++n) {
        text += fmt::format(R"({{"n":{},"t":"text {}"}})", n, n) + "\n";
    }
    return text;
}

std::string parquet(int from, int to) {
    RowWriterOptions options;
    options.format = Format::parquet;
    return written({{"n", schema::Int64()}, {"t", schema::String()}}, options, [&](RowWriter& writer) {
        for (int n = from; n <= to; ++n) {
            writer.begin_row();
            writer.int64(n);
            writer.text(fmt::format("text {}", n));
            writer.end_row();
        }
    });
}

/// The Tinybird and the store that bin/test started; the store perhaps behind a relay.
Environment environment_of(const Store& store, std::string_view url = {}) {
    Environment environment = tinybird_environment();
    const Environment of_store = store.environment(url);
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3", "AWS_REGION"}) {
        environment = environment.with(name, of_store.get(name).value());
    }
    return environment;
}

class S3Connector : public ::testing::TestWithParam<Store> {
protected:
    S3Connector() : raw(GetParam()), client(GetParam().environment(), quick_options()) { raw.make_bucket(bucket); }

    void put(const std::string& key, std::string_view bytes) { client.put(bucket, key, *body_of(bytes)); }
    [[nodiscard]] std::string rows() { return target.text("count()"); }
    [[nodiscard]] std::string sum() { return target.text("sum(n)"); }

    /// How many rows, the sum of their numbers, how many have the text that goes with it, how many differ.
    [[nodiscard]] std::string summary() {
        return target.text(
            "concat(toString(count()), ' ', toString(sum(n)), ' ', "
            "toString(countIf(t = concat('text ', toString(n)))), ' ', toString(uniqExact(n)))");
    }

    static std::unique_ptr<Connector> made(const Environment& environment) { return connector_for("s3", environment); }
    static CloudConnector& cloud(Connector& connector) { return dynamic_cast<CloudConnector&>(connector); }

    static CloudLoadOptions options(Via via, Format format = Format::csv) {
        CloudLoadOptions options;
        options.format = format;
        options.via = via;
        options.on_quarantine = tinybird::OnQuarantine::fail;
        return options;
    }

    /// Expects a load to be refused, and the rows that are there to stay. @return what it says
    template <class Error>
    std::string refused(const Environment& from, const std::string& key, const CloudLoadOptions& options) {
        const std::string before = rows();
        const auto other = made(from);
        for (const bool replaces : {false, true}) {
            try {
                if (replaces) {
                    cloud(*other).replace(bucket, key, target.name(), options);
                } else {
                    cloud(*other).append(bucket, key, target.name(), options);
                }
                ADD_FAILURE() << "nothing was thrown";
            } catch (const Error& error) {
                EXPECT_EQ(rows(), before) << error.what();
                if (replaces) {
                    return std::string(error.what()) + " " + error.hint();
                }
            }
        }
        return {};
    }

    const std::string bucket = new_bucket();
    RawStore raw;
    cloud::s3::Client client;
    Target target{numbers_and_texts()};
    const Environment environment = environment_of(GetParam());
    const std::unique_ptr<Connector> connector = made(environment);
};

INSTANTIATE_TEST_SUITE_P(Stores, S3Connector, ::testing::ValuesIn(stores()), name_of);

TEST_P(S3Connector, EveryFormatBothWays) {
    struct Case {
        std::string key;
        Format format;
        std::string bytes;
    };
    const std::vector<Case> cases{
        {"d e/a+b.csv", Format::csv, csv(1, 3)},       {"a.csv.gz", Format::csv, http::gzip(csv(1, 3))},
        {"día.ndjson", Format::ndjson, ndjson(1, 3)},  {"a.ndjson.gz", Format::ndjson, http::gzip(ndjson(1, 3))},
        {"a.parquet", Format::parquet, parquet(1, 3)}, {"no extension", Format::csv, csv(1, 3)},
    };
    int loads = 0;
    for (const Case& one : cases) {
        put(one.key, one.bytes);
        for (const Via via : {Via::url, Via::stream, Via::automatic}) {
            SCOPED_TRACE(fmt::format("{} {}", one.key, static_cast<int>(via)));
            cloud(*connector).append(bucket, one.key, target.name(), options(via, one.format));
            ++loads;
            EXPECT_EQ(summary(), fmt::format("{} {} {} 3", 3 * loads, 6 * loads, 3 * loads));
        }
    }
}

TEST_P(S3Connector, ReplaceReplaces) {
    put("a.csv", csv(1, 5));
    put("b.csv", csv(11, 12));
    put("two.csv", "2,new\n");
    for (const Via via : {Via::url, Via::stream}) {
        SCOPED_TRACE(static_cast<int>(via));
        cloud(*connector).replace(bucket, "b.csv", target.name(), options(via));
        EXPECT_EQ(sum(), "23");
        cloud(*connector).replace(bucket, "a.csv", target.name(), options(via));
        EXPECT_EQ(sum(), "15");
        CloudLoadOptions condition = options(via);
        condition.replace_condition = "n = 2";
        cloud(*connector).replace(bucket, "two.csv", target.name(), condition);
        EXPECT_EQ(rows(), "5");
        EXPECT_EQ(target.text("t", "WHERE n = 2"), "new");
        EXPECT_EQ(target.text("t", "WHERE n = 3"), "text 3");
        // append has none.
        EXPECT_THROW(cloud(*connector).append(bucket, "two.csv", target.name(), condition), errors::InvalidArgument);
    }
}

TEST_P(S3Connector, PatternsAndTimes) {
    put("d/1.csv", csv(1, 1));
    put("d/2.csv", csv(2, 2));
    put("d/3.ndjson", ndjson(4, 4));
    put("d/", "");
    put("d/sub/4.csv", csv(8, 8));
    put("d.csv", csv(16, 16));
    const auto keys = [&](const std::vector<LoadedObject>& loaded) {
        std::vector<std::string> all;
        for (const LoadedObject& one : loaded) {
            all.push_back(one.object.key);
        }
        return all;
    };
    for (const Via via : {Via::url, Via::stream}) {
        SCOPED_TRACE(static_cast<int>(via));
        std::vector<std::string> told;
        const auto loaded = cloud(*connector)
                                .append_all({.bucket = bucket, .pattern = "d/*.csv"}, target.name(), options(via),
                                            [&](const LoadedObject& one) { told.push_back(one.object.key); });
        EXPECT_THAT(keys(loaded), ElementsAre("d/1.csv", "d/2.csv"));
        EXPECT_EQ(told, keys(loaded));
    }
    EXPECT_EQ(sum(), "6");
    EXPECT_THAT(keys(cloud(*connector)
                         .append_all({.bucket = bucket, .pattern = "d/**.csv"}, target.name(), options(Via::stream))),
                ElementsAre("d/1.csv", "d/2.csv", "d/sub/4.csv"));
    EXPECT_EQ(sum(), "17");

    // Written anew until the store's clock has gone on.
    const auto before = client.stat(bucket, "d/1.csv")->modified;
    do {
        put("d/2.csv", csv(2, 2));
    } while (client.list(bucket, "d/2.csv").front().modified <= before);
    EXPECT_THAT(keys(cloud(*connector)
                         .append_all({.bucket = bucket,
                                      .pattern = "d/?.csv",
                                      .newer_than = client.list(bucket, "d/1").front().modified},
                                     target.name(), options(Via::url))),
                ElementsAre("d/2.csv"));
    EXPECT_EQ(sum(), "19");
    EXPECT_THAT(
        cloud(*connector)
            .append_all(
                {.bucket = bucket, .pattern = "d/?.csv", .newer_than = client.list(bucket, "d/2").front().modified},
                target.name(), options(Via::url)),
        IsEmpty());
    EXPECT_EQ(sum(), "19");
}

TEST_P(S3Connector, AllIsCheckedBeforeAnythingIsSent) {
    put("d/1.csv", csv(1, 1));
    put("d/2.ndjson", ndjson(2, 2));
    put("d/3.csv", "");
    EXPECT_THROW(cloud(*connector).append_all({.bucket = bucket, .pattern = "d/*"}, target.name(), options(Via::url)),
                 errors::InvalidArgument);
    EXPECT_EQ(rows(), "0");
    // An empty object among others is nothing to refuse.
    cloud(*connector).append_all({.bucket = bucket, .pattern = "d/*.csv"}, target.name(), options(Via::url));
    EXPECT_EQ(rows(), "1");
}

TEST_P(S3Connector, WhatCanBeSeenBeforehandIsRefused) {
    put("good.csv", csv(1, 3));
    put("empty.csv", "");
    put("a.ndjson", ndjson(1, 3));
    put("a.csv.zst", "1,a\n");
    cloud(*connector).append(bucket, "good.csv", target.name(), options(Via::url));
    for (const Via via : {Via::url, Via::stream}) {
        SCOPED_TRACE(static_cast<int>(via));
        const std::string uri = "s3://" + bucket + "/";
        EXPECT_THAT(refused<errors::InvalidArgument>(environment, "none.csv", options(via)),
                    HasSubstr("there is no " + uri + "none.csv"));
        EXPECT_THAT(refused<errors::InvalidArgument>(environment, "empty.csv", options(via)),
                    HasSubstr(uri + "empty.csv is empty"));
        EXPECT_THAT(refused<errors::InvalidArgument>(environment, "a.ndjson", options(via)),
                    HasSubstr("Ask for ndjson"));
        EXPECT_THAT(refused<errors::InvalidArgument>(environment, "a.csv.zst", options(via)), HasSubstr("gzip only"));
        EXPECT_THAT(refused<errors::Error>(environment.with("TB_CDK_LIMITS", "url_bytes=20,v1_bytes=20"), "good.csv",
                                           options(via)),
                    HasSubstr("TB_CDK_LIMITS"));
    }
    EXPECT_THROW(cloud(*connector).append(bucket, "good.csv", "s3_test_no_such_data_source", options(Via::url)),
                 errors::Error);
    EXPECT_EQ(sum(), "6");
}

TEST_P(S3Connector, WrongCredentialsAreRefusedAndNotShown) {
    put("a.csv", csv(1, 3));
    for (const Via via : {Via::url, Via::stream}) {
        EXPECT_THAT(refused<errors::ExternalDatasourceError>(
                        environment.with("AWS_SECRET_ACCESS_KEY", "wrong-secret-of-this-test"), "a.csv", options(via)),
                    AllOf(HasSubstr("status 403"), Not(HasSubstr("wrong-secret"))));
        // versitygw answers HEAD with 404 when it does not know the access key.
        EXPECT_THAT(refused<errors::Error>(environment.with("AWS_ACCESS_KEY_ID", "nobody"), "a.csv", options(via)),
                    HasSubstr(GetParam().name == "minio" ? "status 403" : "there is no s3://"));
        EXPECT_THROW(cloud(*made(environment.with("AWS_SECRET_ACCESS_KEY", "wrong-secret-of-this-test")))
                         .append_all({.bucket = bucket, .pattern = "*"}, target.name(), options(via)),
                     errors::ExternalDatasourceError);
    }
}

TEST_P(S3Connector, StoppingInTheMiddleLeavesNothing) {
    put("large.csv", csv(1, 1'000'000));
    put("a.csv", csv(1, 3));
    cloud(*connector).append(bucket, "a.csv", target.name(), options(Via::stream));
    for (const bool replaces : {false, true}) {
        SCOPED_TRACE(replaces);
        std::stop_source stop;
        CloudLoadOptions stopped = options(Via::stream);
        stopped.stop = stop.get_token();
        stopped.on_progress = [&stop](const Progress&) { stop.request_stop(); };
        if (replaces) {
            EXPECT_THROW(cloud(*connector).replace(bucket, "large.csv", target.name(), stopped),
                         errors::InterruptedError);
        } else {
            EXPECT_THROW(cloud(*connector).append(bucket, "large.csv", target.name(), stopped),
                         errors::InterruptedError);
        }
        EXPECT_EQ(sum(), "6");
    }
}

TEST_P(S3Connector, AReadThatBreaksGoesOnWhereItWas) {
    put("large.csv", csv(1, 300'000));
    put("large.csv.gz", http::gzip(csv(1, 300'000)));
    for (const std::string key : {"large.csv", "large.csv.gz"}) {
        for (const bool replaces : {true, false}) {
            SCOPED_TRACE(key);
            Relay relay(GetParam(), [](const std::string& step, int nth) {
                return step == "get" && nth < 3 ? Fault::broken_answer : Fault::none;
            });
            const auto through = made(environment_of(GetParam(), relay.url()));
            if (replaces) {
                cloud(*through).replace(bucket, key, target.name(), options(Via::stream));
            } else {
                cloud(*through).append(bucket, key, target.name(), options(Via::stream));
            }
            const std::vector<std::string> steps = relay.steps();
            EXPECT_EQ(std::count(steps.begin(), steps.end(), "get"), 4);
            const int loads = replaces ? 1 : 2;
            EXPECT_EQ(summary(),
                      fmt::format("{} {} {} 300000", 300'000 * loads, 45'000'150'000LL * loads, 300'000 * loads));
        }
    }
}

TEST_P(S3Connector, AReadThatCanNotGoOnLeavesTheRowsAlone) {
    put("large.csv", csv(1, 300'000));
    put("a.csv", csv(1, 3));
    cloud(*connector).append(bucket, "a.csv", target.name(), options(Via::stream));
    const auto broken = [&](std::function<Fault()> later) {
        // One relay for both loads: each begins with a read that breaks.
        auto gets = std::make_shared<int>(0);
        Relay relay(GetParam(), [gets, later](const std::string& step, int) {
            if (step == "head") {
                *gets = 0;
            }
            return step != "get" ? Fault::none : (*gets)++ == 0 ? Fault::broken_answer : later();
        });
        return refused<errors::ExternalDatasourceError>(environment_of(GetParam(), relay.url()), "large.csv",
                                                        options(Via::stream));
    };
    EXPECT_THAT(broken([] { return Fault::refused; }), HasSubstr("AccessDenied"));
    int written = 0;
    EXPECT_THAT(broken([&] {
                    ++written;
                    put("large.csv", csv(1 + written, 300'000 + written));
                    return Fault::none;
                }),
                HasSubstr("was changed while it was read"));
    EXPECT_EQ(sum(), "6");
}

TEST_P(S3Connector, NoCredentialIsInALog) {
    put("a.csv", csv(1, 3));
    put("bad.csv", "x,y,z\n1\n");
    logger::Options loud;
    loud.level = logger::Level::debug;
    logger::configure(loud);
    ::testing::internal::CaptureStdout();
    std::string said;
    Relay relay(GetParam(), [](const std::string& step, int) { return step == "get" ? Fault::refused : Fault::none; });
    for (const std::string& url : {std::string(), relay.url()}) {
        const auto other = made(environment_of(GetParam(), url));
        for (const Via via : {Via::url, Via::stream}) {
            for (const std::string key : {"a.csv", "bad.csv", "none.csv"}) {
                try {
                    cloud(*other).append(bucket, key, target.name(), options(via));
                } catch (const errors::Error& error) {
                    said += std::string(error.what()) + error.hint() + "\n";
                }
            }
        }
    }
    said += ::testing::internal::GetCapturedStdout();
    logger::configure({});
    EXPECT_THAT(said, HasSubstr("s3://" + bucket + "/a.csv"));
    EXPECT_THAT(said, Not(HasSubstr(environment.get("AWS_SECRET_ACCESS_KEY").value())));
    EXPECT_THAT(said, Not(HasSubstr(environment.get("TB_CDK_TOKEN").value())));
    for (std::size_t at = said.find("X-Amz-Signature="); at != std::string::npos;
         at = said.find("X-Amz-Signature=", at + 1)) {
        EXPECT_EQ(said.substr(at, 19), "X-Amz-Signature=***");
    }
    EXPECT_THAT(said, Not(HasSubstr("X-Amz-Signature%3D")));
}

}  // namespace
}  // namespace tinybird_cdk::testing
