// SPDX-License-Identifier: Apache-2.0
/// Loads of rows against a scripted Tinybird: one import where that may be, several parts where it must.
#include "transfer/rows_load.hpp"

#include <algorithm>
#include <atomic>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/plan.hpp>

#include "helpers/scripted_tinybird.hpp"

namespace tinybird_cdk::transfer {
namespace {

using ::testing::HasSubstr;
using testing::Received;
using testing::Reply;
using testing::ScriptedServer;
using ::testing::SizeIs;

/// Rows 1 to n of two columns, in the other order than the data source's.
class Pairs final : public Rows {
public:
    explicit Pairs(std::int64_t count) : count_(count) {}
    const std::vector<ResultColumn>& columns() const override { return columns_; }
    void write(RowWriter& writer, const std::stop_token& stop) override {
        ++runs;
        for (std::int64_t i = 1; i <= count_ && !stop.stop_requested(); ++i) {
            writer.begin_row();
            writer.text(std::string(static_cast<std::size_t>(i % 7), 'x'));
            writer.int64(i);
            writer.end_row();
        }
    }
    std::optional<std::uint64_t> estimated_rows() const override { return count_; }
    int runs = 0;

private:
    std::vector<ResultColumn> columns_{{"note", "text", true}, {"id", "integer", true}};
    std::int64_t count_;
};

tinybird::DataSource target() {
    tinybird::DataSource source;
    source.name = "t";
    source.columns = {{.name = "id", .type = schema::Type::parse("Int64")},
                      {.name = "note", .type = schema::Type::parse("String")}};
    return source;
}

/// The rows of a CSV body with a header.
std::vector<std::string> rows_of(const std::string& body) {
    std::vector<std::string> rows;
    std::istringstream stream(body);
    std::string line;
    std::getline(stream, line);
    EXPECT_EQ(line, R"("note","id")");
    while (std::getline(stream, line)) {
        rows.push_back(line);
    }
    return rows;
}

Reply stored() {
    Reply reply;
    reply.answer = [](const Received& request) {
        const auto lines = std::count(request.body.begin(), request.body.end(), '\n') - 1;
        return Reply::json(fmt::format(R"({{"blocks":[{{"process_return":[{{"lines":{}}}]}}]}})", lines));
    };
    return reply;
}

class TestRowsLoad : public ::testing::Test {
protected:
    std::optional<LoadResult> load(ScriptedServer& server, Rows& rows, Mode mode, std::uint64_t largest) {
        auto configuration = testing::configuration_for(server.url());
        configuration.limits.v1_bytes = largest;
        tinybird::ClientOptions options;
        options.import_api = tinybird::ImportApi::v1;
        options.clock = std::make_shared<testing::FakeClock>();
        tinybird::Client client(configuration, options);
        return load_rows(client, rows, mode, "t", match_columns(rows.columns(), target(), Format::csv), LoadOptions{},
                         {});
    }
};

TEST_F(TestRowsLoad, GoesInOneImportWhereItFits) {
    ScriptedServer server({stored()});
    Pairs rows(1000);
    const auto result = load(server, rows, Mode::append, 0);
    EXPECT_EQ(result->rows, 1000U);
    EXPECT_EQ(result->response.rows, 1000U);
    EXPECT_THAT(server.received(), SizeIs(1));
}

TEST_F(TestRowsLoad, AnAppendIsCutAtRowEndsAndEachPartHasItsHeader) {
    ScriptedServer server({stored()});
    Pairs rows(20'000);
    const auto result = load(server, rows, Mode::append, 50'000);
    EXPECT_EQ(result->rows, 20'000U);
    EXPECT_EQ(result->response.rows, 20'000U);
    EXPECT_EQ(rows.runs, 1);
    const auto received = server.received();
    EXPECT_GT(received.size(), 4U);
    EXPECT_LT(received.size(), 9U) << "as few as there may be";
    std::int64_t next = 1;
    for (const Received& request : received) {
        EXPECT_LE(request.body.size(), 50'000U + 12) << "a header may come on top";
        for (const std::string& row : rows_of(request.body)) {
            ASSERT_EQ(row, fmt::format("\"{}\",{}", std::string(static_cast<std::size_t>(next % 7), 'x'), next));
            ++next;
        }
    }
    EXPECT_EQ(next, 20'001);
}

TEST_F(TestRowsLoad, EachPartIsTriedAgainByItself) {
    std::atomic<int> number = 0;
    ScriptedServer server(
        [&](const Received&) { return number++ % 2 == 0 ? Reply::json(R"({"error":"slow down"})", 429) : stored(); });
    Pairs rows(20'000);
    const auto result = load(server, rows, Mode::append, 50'000);
    EXPECT_EQ(result->response.rows, 20'000U);
    EXPECT_EQ(rows.runs, 1) << "the first part is replayed from memory, the others from their files";
}

TEST_F(TestRowsLoad, AFailureSaysWhatIsIn) {
    std::atomic<int> number = 0;
    ScriptedServer server(
        [&](const Received&) { return number++ < 2 ? stored() : Reply::json(R"({"error":"disk full"})", 500); });
    Pairs rows(20'000);
    ::testing::internal::CaptureStdout();
    EXPECT_THROW(load(server, rows, Mode::append, 50'000), errors::HTTPError);
    std::size_t in = 0;
    for (const Received& request : server.received()) {
        in += request.body.empty() ? 0 : rows_of(request.body).size();
    }
    const std::size_t last = rows_of(server.received().back().body).size();
    EXPECT_THAT(
        ::testing::internal::GetCapturedStdout(),
        HasSubstr(fmt::format("the first {} rows of this load are in \"t\" already, in 2 import(s)", in - last)));
}

TEST_F(TestRowsLoad, AReplaceIsNeverCut) {
    ScriptedServer server({stored()});
    Pairs rows(20'000);
    try {
        load(server, rows, Mode::replace, 50'000);
        FAIL() << "no exception";
    } catch (const errors::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("a replace can't be cut"));
    }
    ASSERT_TRUE(server.received().empty() || server.wait_for(1));
    for (const Received& request : server.received()) {
        EXPECT_FALSE(request.complete) << "a part must never pass for the whole";
    }
}

TEST_F(TestRowsLoad, NoRowsSendNothing) {
    ScriptedServer server({stored()});
    Pairs rows(0);
    EXPECT_FALSE(load(server, rows, Mode::append, 0));
    EXPECT_EQ(server.connections(), 0U);
}

TEST(TestPlan, CountsRequestsAndTheTimeTheyTake) {
    Limits limits;
    const LoadPlan plan = plan_load(12'000'000'000, 500'000'000, limits);
    EXPECT_EQ(plan.requests, 24U);
    EXPECT_EQ(plan.paced, std::chrono::minutes(4));
    EXPECT_EQ(plan.text(), "about 12.0 GB in 24 requests, at least 4 min for the rate of imports");
    const LoadPlan timed = plan_load(12'000'000'000, 500'000'000, limits, 10e6);
    EXPECT_EQ(timed.expected, std::chrono::seconds(1200));
    EXPECT_EQ(timed.text(), "about 12.0 GB in 24 requests, about 20 min, at least 4 min for the rate of imports");
    EXPECT_EQ(plan_load(10, std::nullopt, limits).text(), "about 10 bytes in 1 request");
    EXPECT_EQ(plan_load(0, 100, limits).requests, 1U);
    EXPECT_EQ(plan_load(500'000'001, 500'000'000, limits).requests, 2U);
}

}  // namespace
}  // namespace tinybird_cdk::transfer
