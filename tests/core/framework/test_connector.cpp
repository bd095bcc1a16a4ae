// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/connector.hpp>

#include <filesystem>
#include <stdexcept>
#include <string>

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk {
namespace {

/// A connector whose calls fail as they are told to.
class Failing final : public SqlConnector {
public:
    Failing() : SqlConnector(Environment::of({})) {}

    static std::string dirname() { return random_dirname(); }
    static std::filesystem::path tempfile(std::string_view extension) { return text_tempfile(extension); }

    std::function<void()> fail = [] {};

protected:
    std::vector<Scope> get_scopes_() override {
        fail();
        return {{"Schema", "schema"}, {"Table", "table"}};
    }
    std::vector<ScopeItem> list_scope_(const Parents& parents) override {
        return {{parents.empty() ? "public" : "t", parents.empty() ? "public" : "t", "", {}, {}}};
    }
    schema::Schema suggest_schema_(const Parents& scopes) override {
        schema::Schema schema;
        schema.table = scopes.at("table");
        schema::Column column;
        column.name = "a";
        schema.columns.push_back(column);
        return schema;
    }
    std::string ingest_query_(const schema::Schema& schema, const std::vector<std::string>& names) override {
        return "SELECT " + names.at(0) + " FROM " + schema.table;
    }
    Export export_(const ExportRequest&) override { throw std::logic_error("not asked for"); }
};

TEST(TestConnector, AForeignExceptionIsLoggedOnceAndWrapped) {
    Failing connector;
    connector.fail = [] { throw std::out_of_range("driver broke"); };
    ::testing::internal::CaptureStdout();
    try {
        Connector::guarded([&] { connector.get_scopes(); });
        FAIL() << "nothing was thrown";
    } catch (const errors::Error& error) {
        EXPECT_STREQ(error.what(), "driver broke");
        ASSERT_TRUE(error.has_cause());
        EXPECT_THROW(error.rethrow_nested(), std::out_of_range);
    }
    const std::string log = ::testing::internal::GetCapturedStdout();
    const auto first = log.find("driver broke");
    ASSERT_NE(first, std::string::npos) << log;
    EXPECT_EQ(log.find("driver broke", first + 1), std::string::npos) << log;
}

TEST(TestConnector, AnErrorOfTheKitPassesUnchanged) {
    Failing connector;
    connector.fail = [] { throw errors::MissingConfiguration("SOME_VARIABLE"); };
    EXPECT_THROW(connector.get_scopes(), errors::MissingConfiguration);
}

TEST(TestConnector, WhatIsNoExceptionIsWrappedToo) {
    Failing connector;
    connector.fail = [] { throw 42; };
    ::testing::internal::CaptureStdout();
    EXPECT_THROW(connector.get_scopes(), errors::Error);
    ::testing::internal::GetCapturedStdout();
}

TEST(TestConnector, GuardedLogsErrorsOfTheKitAndReturnsValues) {
    EXPECT_EQ(Connector::guarded([] { return 7; }), 7);
    ::testing::internal::CaptureStdout();
    EXPECT_THROW(Connector::guarded([]() -> int { throw errors::InvalidArgument("bad name"); }),
                 errors::InvalidArgument);
    EXPECT_NE(::testing::internal::GetCapturedStdout().find("bad name"), std::string::npos);
}

TEST(TestConnector, WorkOnTheSourceNeedsNoTinybirdConfiguration) {
    Failing connector;
    EXPECT_EQ(connector.get_scopes().size(), 2U);
    EXPECT_THROW(connector.query_tb("SELECT 1"), errors::MissingConfiguration);
}

TEST(TestConnector, ScopesAreCheckedBeforeTheSourceIsAsked) {
    Failing connector;
    EXPECT_EQ(connector.list_scope().at(0).value, "public");
    EXPECT_EQ(connector.list_scope({{"schema", "public"}}).at(0).value, "t");
    EXPECT_THROW(connector.list_scope({{"nope", "x"}}), errors::InvalidArgument);
    EXPECT_THROW(connector.list_scope({{"table", "t"}}), errors::InvalidArgument);
    EXPECT_THROW(connector.list_scope({{"schema", "public"}, {"table", "t"}}), errors::InvalidArgument);
    EXPECT_THROW(connector.suggest_schema({{"schema", "public"}}), errors::InvalidArgument);
    EXPECT_THROW(connector.suggest_schema({{"schema", "public"}, {"table", ""}}), errors::InvalidArgument);
}

TEST(TestConnector, IngestQueryRefusesUnknownColumns) {
    Failing connector;
    auto schema = connector.suggest_schema({{"schema", "public"}, {"table", "t"}});
    EXPECT_EQ(connector.ingest_query(schema), "SELECT a FROM t");
    EXPECT_THROW(connector.ingest_query(schema, {"a", "b"}), errors::InvalidArgument);
    schema.columns.clear();
    EXPECT_THROW(connector.ingest_query(schema), errors::InvalidArgument);
}

TEST(TestConnector, AppendTakesNoReplaceCondition) {
    Failing connector;
    LoadOptions options;
    options.replace_condition = "a = 1";
    EXPECT_THROW(connector.append("SELECT 1", "t", options), errors::InvalidArgument);
}

// A limit that nobody keeps to must not look as if it were kept.
TEST(TestConnector, LimitsThatAConnectorDoesNotKnowAreRefused) {
    Failing connector;
    EXPECT_NO_THROW(connector.set_source_limits({}));
    EXPECT_THROW(connector.set_source_limits({.statement_timeout = std::chrono::seconds(1)}), errors::InvalidArgument);
    EXPECT_THROW(connector.set_source_limits({.lock_timeout = std::chrono::seconds(1)}), errors::InvalidArgument);
    EXPECT_THROW(connector.set_source_limits({.replica = true}), errors::InvalidArgument);
}

TEST(TestConnector, RandomDirnamesDiffer) {
    const std::string name = Failing::dirname();
    // tinybird_cdk_20261124T101112_9f86d081884c
    EXPECT_THAT(name, ::testing::StartsWith("tinybird_cdk_20"));
    EXPECT_EQ(name.size(), std::string_view("tinybird_cdk_20261124T101112_9f86d081884c").size());
    EXPECT_EQ(name[21], 'T');
    EXPECT_EQ(name.substr(29).find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_NE(name, Failing::dirname());
}

TEST(TestConnector, TempfilesAreEmptyAndPrivate) {
    const auto path = Failing::tempfile("csv");
    const LocalFile owner(path);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_size, 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_EQ(path.extension(), ".csv");
}

}  // namespace
}  // namespace tinybird_cdk
