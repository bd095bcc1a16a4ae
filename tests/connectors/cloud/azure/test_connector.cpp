// SPDX-License-Identifier: Apache-2.0
// From Azurite into a local Tinybird: what is in the data source afterwards, however the load went.
#include <atomic>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/row_writer.hpp>

#include "account.hpp"
#include "cloud/crypto.hpp"
#include "helpers/target.hpp"
#include "http/gzip.hpp"

namespace tinybird_cdk::cloud::azure {
namespace {

using namespace tinybird_cdk::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

schema::Schema days_and_amounts() {
    schema::Schema schema;
    schema.table = "sales";
    schema.columns = {{"day", "", schema::Date32(), "", "", ""}, {"amount", "", schema::Int64(), "", "", ""}};
    schema.sorting_key = {"day"};
    return schema;
}

/// The connector for an account, with the Tinybird that bin/test started.
std::unique_ptr<CloudConnector> connector_at(const Environment& account) {
    Environment environment = tinybird_environment();
    for (const auto& [name, value] : account.overrides()) {
        environment = environment.with(name, value);
    }
    std::unique_ptr<Connector> connector = connector_for("azure", environment);
    auto* const cloud = dynamic_cast<CloudConnector*>(connector.get());
    if (cloud == nullptr) {
        throw std::runtime_error("azure is no connector to an object store");
    }
    static_cast<void>(connector.release());
    return std::unique_ptr<CloudConnector>(cloud);
}

/// Rows 1 to `count`, all of one day.
std::string csv(std::size_t count, std::size_t first = 1) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += fmt::format("2024-01-01,{}\n", first + i);
    }
    return text;
}

std::string ndjson(std::size_t count) {
    std::string text;
    for (std::size_t i = 1; i <= count; ++i) {
        text += fmt::format("{{\"day\":\"2024-01-01\",\"amount\":{}}}\n", i);
    }
    return text;
}

/// Keeps all that is written.
class Kept final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        bytes += full.view();
        return Buffer(wanted);
    }
    std::string bytes;
};

std::string parquet(std::size_t count) {
    Kept kept;
    RowWriterOptions options;
    options.format = Format::parquet;
    RowWriter writer({{.name = "day", .target = schema::Date32()}, {.name = "amount", .target = schema::Int64()}},
                     options, kept);
    for (std::size_t i = 1; i <= count; ++i) {
        writer.begin_row();
        writer.date(19'723);
        writer.int64(static_cast<std::int64_t>(i));
        writer.end_row();
    }
    writer.finish();
    return kept.bytes;
}

class TestAzureConnector : public ::testing::Test {
protected:
    void SetUp() override {
        logger::Options options;
        options.level = logger::Level::debug;
        logger::configure(options);
        ::testing::internal::CaptureStdout();
        logger::info("the test begins");
    }
    void TearDown() override {
        const std::string log = ::testing::internal::GetCapturedStdout();
        EXPECT_THAT(log, HasSubstr("the test begins"));
        expect_no_secrets(log);
    }

    static void expect_no_secrets(const std::string& text) {
        EXPECT_THAT(text, Not(HasSubstr(test_variable("CDK_TEST_AZURE_KEY"))));
        EXPECT_THAT(text, Not(HasSubstr(test_variable("TB_CDK_TOKEN"))));
        EXPECT_THAT(text, Not(HasSubstr(wrong_key())));
        EXPECT_THAT(text, Not(::testing::ContainsRegex("sig=[A-Za-z0-9%]")));
        EXPECT_THAT(text, Not(HasSubstr("SharedKey ")));
    }

    static std::string wrong_key() { return base64(std::string(64, 'x')); }

    static std::string error_of(const std::function<void()>& step) {
        try {
            step();
        } catch (const errors::Error& error) {
            const std::string text = fmt::format("{}: {} {}", error.name(), error.what(), error.hint());
            expect_no_secrets(text);
            return text;
        }
        return "no error";
    }

    static CloudLoadOptions as(Format format, Via via = Via::automatic) {
        CloudLoadOptions options;
        options.format = format;
        options.via = via;
        options.on_quarantine = tinybird::OnQuarantine::fail;
        return options;
    }

    /// As in "3 rows, 6".
    std::string rows() { return target_.text("concat(toString(count()), ' rows, ', toString(sum(amount)))"); }

    TestContainer container_;
    const std::string& box_ = container_.name();
    Target target_{days_and_amounts()};
    std::unique_ptr<CloudConnector> connector_ = connector_at(account_by_key());
};

class TestAzureConnectorVia : public TestAzureConnector, public ::testing::WithParamInterface<Via> {};

INSTANTIATE_TEST_SUITE_P(Ways, TestAzureConnectorVia, ::testing::Values(Via::url, Via::stream),
                         [](const auto& parameter) { return parameter.param == Via::url ? "Url" : "Stream"; });

TEST_P(TestAzureConnectorVia, AllFormatsAreAppendedAndReplaced) {
    struct Case {
        std::string key;
        Format format;
        std::string bytes;
    };
    const std::vector<Case> cases{{"d/a.csv", Format::csv, csv(1000)},
                                  {"d/a.csv.gz", Format::csv, http::gzip(csv(1000))},
                                  {"d/a.ndjson", Format::ndjson, ndjson(1000)},
                                  {"d/a.jsonl.gz", Format::ndjson, http::gzip(ndjson(1000))},
                                  {"d/a.parquet", Format::parquet, parquet(1000)}};
    for (const Case& one : cases) {
        container_.write(one.key, one.bytes);
        const CloudLoadOptions options = as(one.format, GetParam());
        connector_->replace(box_, one.key, target_.name(), options);
        EXPECT_EQ(rows(), "1000 rows, 500500") << one.key;
        const LoadResult result = connector_->append(box_, one.key, target_.name(), options);
        EXPECT_EQ(result.response.quarantined.value_or(0), 0U);
        EXPECT_EQ(result.bytes, GetParam() == Via::stream ? one.bytes.size() : 0);
        EXPECT_EQ(rows(), "2000 rows, 1001000") << one.key;
        EXPECT_EQ(target_.text("uniqExact(amount)"), "1000") << one.key;
        EXPECT_EQ(target_.text("toString(max(day))"), "2024-01-01") << one.key;
    }
    // The parts stay as they were.
    EXPECT_EQ(container_.keys().size(), cases.size());
}

TEST_P(TestAzureConnectorVia, ReplaceConditionTouchesItsRowsOnly) {
    container_.write("all.csv", "2024-01-01,1\n2024-01-02,20\n2024-01-03,300\n");
    container_.write("second.csv", "2024-01-02,4020\n");
    connector_->append(box_, "all.csv", target_.name(), as(Format::csv, GetParam()));
    CloudLoadOptions options = as(Format::csv, GetParam());
    options.replace_condition = "day = '2024-01-02'";
    connector_->replace(box_, "second.csv", target_.name(), options);
    EXPECT_EQ(rows(), "3 rows, 4321");
    EXPECT_THAT(error_of([&] { connector_->append(box_, "second.csv", target_.name(), options); }),
                HasSubstr("InvalidArgument: append takes no replace condition"));
    EXPECT_EQ(rows(), "3 rows, 4321");
}

TEST_P(TestAzureConnectorVia, OddKeys) {
    for (const std::string key : {"a b+c%41&d=e?f#g.csv", "//two//slashes.csv", "\u00fc/\u65e5\u672c \U0001F600.csv"}) {
        container_.write(key, csv(3));
        connector_->replace(box_, key, target_.name(), as(Format::csv, GetParam()));
        EXPECT_EQ(rows(), "3 rows, 6") << key;
        container_.write(key, csv(2));
        connector_->replace(box_, key, target_.name(), as(Format::csv, GetParam()));
        EXPECT_EQ(rows(), "2 rows, 3") << key;
    }
}

TEST_P(TestAzureConnectorVia, APatternAppendsEachObjectOnce) {
    container_.write("d/1.csv", csv(1, 1));
    container_.write("d/2.csv", csv(1, 20));
    container_.write("d/3.csv", csv(1, 300));
    container_.write("d/4.ndjson", ndjson(1));
    container_.write("d/deep/5.csv", csv(1, 5'000));
    std::vector<std::string> seen;
    const auto loaded = connector_->append_all({.bucket = box_, .pattern = "d/*.csv"}, target_.name(),
                                               as(Format::csv, GetParam()), [&](const LoadedObject& object) {
                                                   seen.push_back(object.object.key);
                                                   EXPECT_EQ(rows().substr(0, 1), std::to_string(seen.size()));
                                               });
    EXPECT_THAT(seen, ElementsAre("d/1.csv", "d/2.csv", "d/3.csv"));
    EXPECT_EQ(loaded.size(), 3U);
    EXPECT_EQ(rows(), "3 rows, 321");
}

TEST_F(TestAzureConnector, OnlyWhatIsNewer) {
    container_.write("d/1.csv", csv(1, 1));
    Client client(account_by_key(), quick());
    const auto old = client.stat(box_, "d/1.csv")->modified;
    // The store's clock counts seconds.
    do {
        container_.write("d/2.csv", csv(1, 20));
    } while (client.stat(box_, "d/2.csv")->modified <= old);
    ObjectSelection selection{.bucket = box_, .pattern = "d/*", .newer_than = old};
    connector_->append_all(selection, target_.name(), as(Format::csv));
    EXPECT_EQ(rows(), "1 rows, 20");
    selection.newer_than = client.stat(box_, "d/2.csv")->modified;
    EXPECT_THAT(connector_->append_all(selection, target_.name(), as(Format::csv)), IsEmpty());
    EXPECT_EQ(rows(), "1 rows, 20");
    selection.newer_than = old - std::chrono::seconds(1);
    EXPECT_EQ(connector_->append_all(selection, target_.name(), as(Format::csv)).size(), 2U);
    EXPECT_EQ(rows(), "3 rows, 41");
}

TEST_F(TestAzureConnector, OneBadObjectOfAPatternAndNothingIsSent) {
    container_.write("d/1.csv", csv(1));
    container_.write("d/2.csv.zst", "x");
    EXPECT_THAT(
        error_of([&] { connector_->append_all({.bucket = box_, .pattern = "d/*"}, target_.name(), as(Format::csv)); }),
        HasSubstr("d/2.csv.zst is compressed as .zst"));
    EXPECT_EQ(rows(), "0 rows, 0");
}

TEST_F(TestAzureConnector, EmptyObjectsOfAPatternAreLeftOut) {
    container_.write("d/1.csv", csv(2));
    container_.write("d/2.csv", "");
    container_.write("d/3.csv", csv(1, 10));
    EXPECT_EQ(connector_->append_all({.bucket = box_, .pattern = "d/*"}, target_.name(), as(Format::csv)).size(), 2U);
    EXPECT_EQ(rows(), "3 rows, 13");
}

TEST_P(TestAzureConnectorVia, WhatCantBeLoadedIsSaidBeforeAnythingIsSent) {
    container_.write("kept.csv", csv(1));
    connector_->append(box_, "kept.csv", target_.name(), as(Format::csv, GetParam()));
    const auto refusal = [&](const std::string& key, Format format = Format::csv) {
        return error_of([&] { connector_->replace(box_, key, target_.name(), as(format, GetParam())); });
    };
    EXPECT_THAT(refusal("none.csv"), HasSubstr("InvalidArgument: there is no azure://" + box_ + "/none.csv"));
    container_.write("empty.csv", "");
    EXPECT_THAT(refusal("empty.csv"), HasSubstr("InvalidArgument: azure://" + box_ + "/empty.csv is empty"));
    EXPECT_THAT(refusal("kept.csv", Format::ndjson), HasSubstr("is csv by its name, and ndjson was asked for"));
    container_.write("a.csv.zst", "x");
    EXPECT_THAT(refusal("a.csv.zst"), HasSubstr("compressed as .zst"));
    EXPECT_THAT(error_of([&] { connector_->append("no-such-box", "a.csv", target_.name(), as(Format::csv)); }),
                HasSubstr("ContainerNotFound"));
    EXPECT_THAT(
        error_of([&] { connector_->append(box_, "kept.csv", "no_such_data_source_of_azure", as(Format::csv)); }),
        HasSubstr("no_such_data_source_of_azure"));
    EXPECT_EQ(rows(), "1 rows, 1");
}

TEST_P(TestAzureConnectorVia, RowsThatDontFitReplaceNothing) {
    container_.write("good.csv", csv(2));
    container_.write("bad.csv", "2024-01-01,1\nno day,no amount\n");
    connector_->append(box_, "good.csv", target_.name(), as(Format::csv, GetParam()));
    container_.write("bad.parquet", "no Parquet at all");
    EXPECT_NE(
        error_of([&] { connector_->replace(box_, "bad.parquet", target_.name(), as(Format::parquet, GetParam())); }),
        "no error");
    EXPECT_EQ(rows(), "2 rows, 3");
    EXPECT_THAT(error_of([&] { connector_->append(box_, "bad.csv", target_.name(), as(Format::csv, GetParam())); }),
                HasSubstr("quarantine"));
}

TEST_P(TestAzureConnectorVia, AWrongKeyIsRefused) {
    container_.write("a.csv", csv(1));
    const auto connector = connector_at(Environment::of(
        {{"AZURE_STORAGE_CONNECTION_STRING",
          fmt::format("AccountName={};AccountKey={};BlobEndpoint={}", test_variable("CDK_TEST_AZURE_ACCOUNT"),
                      wrong_key(), test_variable("CDK_TEST_AZURE_ENDPOINT"))}}));
    const std::string error =
        error_of([&] { connector->append(box_, "a.csv", target_.name(), as(Format::csv, GetParam())); });
    EXPECT_THAT(error, HasSubstr("ExternalDatasourceError"));
    EXPECT_THAT(error, HasSubstr("403"));
    EXPECT_EQ(rows(), "0 rows, 0");
}

/// The store answers what is asked about an object, but gives no byte of it.
TEST_P(TestAzureConnectorVia, AnObjectThatMayNotBeReadIsAnErrorWithoutItsSignature) {
    container_.write("a.csv", csv(1));
    const AzureProxy proxy([](const Received& request, std::size_t) {
        return request.method == "GET" ? std::optional(refusal(403, "AuthorizationFailure")) : std::nullopt;
    });
    const auto connector = connector_at(proxy.environment());
    EXPECT_THAT(error_of([&] { connector->replace(box_, "a.csv", target_.name(), as(Format::csv, GetParam())); }),
                HasSubstr("403"));
    EXPECT_EQ(rows(), "0 rows, 0");
}

TEST_F(TestAzureConnector, AStreamThatIsStoppedLeavesNothing) {
    container_.write("kept.csv", csv(2));
    container_.write("large.csv", csv(500'000));
    connector_->append(box_, "kept.csv", target_.name(), as(Format::csv));
    for (const bool replace : {false, true}) {
        std::stop_source stop;
        CloudLoadOptions options = as(Format::csv, Via::stream);
        options.stop = stop.get_token();
        options.on_progress = [&](const Progress& progress) {
            EXPECT_EQ(progress.stage, "uploading");
            stop.request_stop();
        };
        EXPECT_THAT(error_of([&] {
                        replace ? connector_->replace(box_, "large.csv", target_.name(), options)
                                : connector_->append(box_, "large.csv", target_.name(), options);
                    }),
                    HasSubstr("InterruptedError"));
        EXPECT_TRUE(stop.stop_requested());
        EXPECT_EQ(rows(), "2 rows, 3");
    }
}

TEST_F(TestAzureConnector, AReadThatBreaksGoesOnAndEveryRowArrivesOnce) {
    container_.write("a.csv", csv(50'000));
    const AzureProxy* behind = nullptr;
    std::atomic<int> reads = 0;
    const AzureProxy proxy([&](const Received& request, std::size_t) -> std::optional<Reply> {
        if (request.method != "GET" || ++reads > 4) {
            return std::nullopt;
        }
        Reply reply = behind->pass_on(request);
        reply.cut_at_answer_byte = 150'000;
        reply.reset = reads % 2 == 0;
        return reply;
    });
    behind = &proxy;
    connector_at(proxy.environment())->append(box_, "a.csv", target_.name(), as(Format::csv, Via::stream));
    EXPECT_EQ(rows(), "50000 rows, 1250025000");
    EXPECT_EQ(target_.text("uniqExact(amount)"), "50000");
    EXPECT_GE(reads, 5);
}

TEST_F(TestAzureConnector, AnObjectThatIsReplacedWhileItIsReadIsAnErrorAndLeavesNothing) {
    container_.write("a.csv", csv(50'000));
    const AzureProxy* behind = nullptr;
    std::atomic<int> reads = 0;
    const AzureProxy proxy([&](const Received& request, std::size_t) -> std::optional<Reply> {
        if (request.method != "GET" || ++reads > 1) {
            return std::nullopt;
        }
        Reply reply = behind->pass_on(request);
        reply.cut_at_answer_byte = 150'000;
        container_.write("a.csv", csv(50'000, 2));
        return reply;
    });
    behind = &proxy;
    const auto connector = connector_at(proxy.environment());
    EXPECT_THAT(error_of([&] { connector->append(box_, "a.csv", target_.name(), as(Format::csv, Via::stream)); }),
                HasSubstr("was changed while it was read"));
    EXPECT_EQ(rows(), "0 rows, 0");
}

TEST_F(TestAzureConnector, AStoreThatGivesNoMoreLeavesNothing) {
    container_.write("kept.csv", csv(2));
    connector_->append(box_, "kept.csv", target_.name(), as(Format::csv));
    container_.write("a.csv", csv(50'000));
    const AzureProxy* behind = nullptr;
    std::atomic<int> reads = 0;
    const AzureProxy proxy([&](const Received& request, std::size_t) -> std::optional<Reply> {
        if (request.method != "GET") {
            return std::nullopt;
        }
        if (++reads > 1) {
            return refusal(403, "AuthorizationFailure");
        }
        Reply reply = behind->pass_on(request);
        reply.cut_at_answer_byte = 150'000;
        return reply;
    });
    behind = &proxy;
    const auto connector = connector_at(proxy.environment());
    EXPECT_THAT(error_of([&] { connector->replace(box_, "a.csv", target_.name(), as(Format::csv, Via::stream)); }),
                HasSubstr("AuthorizationFailure"));
    EXPECT_EQ(rows(), "2 rows, 3");
}

TEST_F(TestAzureConnector, WithoutCredentialsItSaysWhatToSet) {
    const auto connector = connector_at(Environment::of({{"AZURE_STORAGE_CONNECTION_STRING", ""}}));
    EXPECT_THAT(error_of([&] { connector->append(box_, "a.csv", target_.name(), as(Format::csv)); }),
                HasSubstr("MissingConfiguration"));
}

}  // namespace
}  // namespace tinybird_cdk::cloud::azure
