// SPDX-License-Identifier: Apache-2.0
//
// Each check can fail: a connector that does one thing wrong is caught by the check that is there for it, and the same
// connector passes when it does nothing wrong.
#include <stdlib.h>  // mkdtemp is POSIX

#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/conformance/suite.hpp>
#include <tinybird_cdk/errors.hpp>

#include "core/conformance/faulty_connector.hpp"
#include "core/conformance/line_server.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::Fault;
using ::testing::HasSubstr;
using ::testing::Not;

/// A SQLite file in a directory of its own.
class FaultyFile {
public:
    FaultyFile() {
        std::string name = (std::filesystem::temp_directory_path() / "tinybird_cdk_faulty_XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no temporary directory can be made");
        }
        directory_ = name;
    }
    ~FaultyFile() { std::filesystem::remove_all(directory_); }
    FaultyFile(const FaultyFile&) = delete;
    FaultyFile& operator=(const FaultyFile&) = delete;
    [[nodiscard]] std::string path() const { return (directory_ / "faulty.sqlite").string(); }

private:
    std::filesystem::path directory_;
};

conformance::Options options(std::vector<std::string> only = {}) {
    conformance::Options options;
    options.only = std::move(only);
    options.long_text_bytes = 1'000'000;
    return options;
}

struct Case {
    Fault fault;
    const char* check;
    const char* name;
};

void PrintTo(const Case& one, std::ostream* stream) {
    *stream << one.name;
}

class TestFaults : public ::testing::TestWithParam<Case> {
protected:
    [[nodiscard]] conformance::Subject subject(Fault fault) const {
        conformance::Subject subject = testing::faulty_subject(fault, testing::tinybird_environment(), file.path());
        // Makes the file.
        subject.statements->execute({"PRAGMA user_version = 1"});
        return subject;
    }
    const FaultyFile file;
};

const Case cases[] = {
    {Fault::loses_the_last_row, "types", "a_lost_row"},
    {Fault::loses_the_last_row, "snapshot", "a_lost_row_of_many"},
    {Fault::loses_a_row_at_the_second_read, "same_rows_twice", "a_read_that_differs"},
    {Fault::null_becomes_empty, "null_and_empty", "null_becomes_empty"},
    {Fault::empty_becomes_null, "null_and_empty", "empty_becomes_null"},
    {Fault::empty_becomes_null, "types", "empty_becomes_null_in_a_type"},
    {Fault::cuts_long_text, "long_text", "long_text_is_cut"},
    {Fault::flattens_text, "random_text", "line_breaks_are_flattened"},
    {Fault::goes_through_a_double, "types", "numbers_go_through_a_double"},
    {Fault::goes_through_a_double, "suggested", "numbers_go_through_a_double_when_suggested"},
    {Fault::writes_null_for_what_is_refused, "refused", "a_value_is_clamped"},
    {Fault::ignores_the_limit, "row_limit", "the_limit_is_ignored"},
    {Fault::gives_a_row_for_none, "empty_result", "a_row_for_none"},
    {Fault::takes_what_has_no_columns, "no_columns", "no_columns_are_taken"},
    {Fault::takes_bad_sql_for_no_rows, "bad_sql", "bad_sql_is_no_rows"},
    {Fault::runs_writes, "bad_sql", "writes_are_run"},
    {Fault::drops_conditions, "replace_condition", "conditions_are_dropped"},
    {Fault::reads_in_pages, "snapshot", "pages_are_no_snapshot"},
    {Fault::calls_a_stop_a_failure, "cancel", "a_stop_is_called_a_failure"},
    {Fault::keeps_a_connection, "clean_up", "a_connection_is_kept"},
    {Fault::keeps_a_lock, "clean_up", "a_lock_is_kept"},
    {Fault::shows_the_secret_in_errors, "connection", "a_secret_in_the_error_of_a_connection"},
    {Fault::shows_the_secret_in_errors, "secrets", "a_secret_in_an_error"},
    {Fault::prints_the_secret, "secrets", "a_secret_in_the_log"},
    {Fault::says_nothing_of_the_database, "connection", "an_error_that_says_nothing"},
    {Fault::throws_foreign_exceptions, "connection", "an_error_without_a_message"},
    {Fault::does_not_quote, "identifiers", "identifiers_are_not_quoted"},
    {Fault::lists_no_tables, "scopes", "no_table_is_listed"},
    {Fault::swaps_columns, "wide_rows", "columns_are_swapped"},
    {Fault::forgets_not_null, "schema", "not_null_is_forgotten"},
    {Fault::suggests_text, "suggested", "all_is_text"},
    {Fault::ignores_the_cursor, "cursor", "the_cursor_is_ignored"},
};

INSTANTIATE_TEST_SUITE_P(Checks, TestFaults, ::testing::ValuesIn(cases),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(TestFaults, IsCaught) {
    const conformance::Report report = conformance::run(subject(GetParam().fault), options({GetParam().check}));
    EXPECT_GT(report.failed(), 0U) << report.to_text();
    // A leak that is reported must not leak once more.
    EXPECT_THAT(report.to_text() + report.to_json() + report.to_markdown(),
                Not(HasSubstr("the-password-of-the-tests")));
}

TEST_P(TestFaults, IsNoneWithoutTheFault) {
    const conformance::Report report = conformance::run(subject(Fault::none), options({GetParam().check}));
    EXPECT_EQ(report.failed(), 0U) << report.to_text();
    EXPECT_GT(report.passed(), 0U) << report.to_text();
}

class TestSuite : public TestFaults {};

TEST_F(TestSuite, AWireThatIsCutMustNotLookLikeTheEnd) {
    std::string lines;
    for (int i = 1; i <= 1024; ++i) {
        lines += fmt::format("{} {}\n", i, std::string(100, 'x'));
    }
    const testing::LineServer server(lines);
    for (const Fault fault : {Fault::none, Fault::takes_a_cut_for_the_end}) {
        conformance::Subject subject = this->subject(fault);
        subject.skips.erase("cut_wire");
        subject.environment = subject.environment.with("FAULTY_HOST", "127.0.0.1").with("FAULTY_PORT", server.port());
        subject.network = conformance::Network{"FAULTY_HOST", "FAULTY_PORT"};
        const conformance::Report report = conformance::run(subject, options({"cut_wire"}));
        EXPECT_EQ(report.failed() > 0, fault != Fault::none) << report.to_text();
    }
}

TEST_F(TestSuite, WhatASubjectDoesNotSayIsAFailureNotASkip) {
    conformance::Subject subject = this->subject(Fault::none);
    subject.skips.clear();
    subject.dialect.no_columns.clear();
    const conformance::Report report = conformance::run(subject, options({"connection", "cut_wire", "no_columns"}));
    // host, port and password; the wire; statements without columns.
    EXPECT_EQ(report.failed(), 5U) << report.to_text();
    EXPECT_EQ(report.skipped(), 0U) << report.to_text();
}

TEST_F(TestSuite, AFormatThatTheConnectorRefusesIsSkippedWithItsReason) {
    conformance::Subject subject = this->subject(Fault::none);
    subject.make = [make = subject.make](const Environment& environment) {
        class NoCsv final : public SqlConnector {
        public:
            explicit NoCsv(const Environment& environment) : SqlConnector(environment) {}

        protected:
            std::vector<Scope> get_scopes_() override { return {}; }
            std::vector<ScopeItem> list_scope_(const Parents&) override { return {}; }
            schema::Schema suggest_schema_(const Parents&) override { return {}; }
            std::string ingest_query_(const schema::Schema&, const std::vector<std::string>&) override { return {}; }
            Export export_(const ExportRequest&) override { throw errors::UnsupportedFormatError("no CSV today"); }
        };
        return std::make_unique<NoCsv>(environment);
    };
    const conformance::Report report = conformance::run(subject, options({"row_limit"}));
    ASSERT_EQ(report.skipped(), 1U) << report.to_text();
    EXPECT_EQ(std::get<conformance::Skipped>(report.results().at(0).outcome).reason(), "no CSV today");
}

TEST_F(TestSuite, ATypeThatTheSourceDoesNotTakeIsItsOwnFailure) {
    conformance::Subject subject = this->subject(Fault::none);
    subject.types[0].values.push_back("no_such_function()");
    const conformance::Report report = conformance::run(subject, options({"types"}));
    for (const conformance::Result& result : report.results()) {
        EXPECT_EQ(std::holds_alternative<conformance::Failed>(result.outcome), result.subject == "number")
            << result.subject;
    }
}

TEST_F(TestSuite, NothingIsLeftBehind) {
    const conformance::Subject subject = this->subject(Fault::loses_the_last_row);
    tinybird::Client tinybird(config::tinybird(testing::tinybird_environment()));
    const std::size_t before = tinybird.data_sources().size();
    conformance::run(subject, options({"types", "suggested", "row_limit", "identifiers"}));
    EXPECT_EQ(tinybird.data_sources().size(), before);
    EXPECT_EQ(subject.statements->column("SELECT count(*) FROM sqlite_schema"), std::vector<std::string>{"0"});
}

TEST_F(TestSuite, AStopEndsTheRunAndLeavesNothing) {
    const conformance::Subject subject = this->subject(Fault::none);
    std::stop_source stop;
    conformance::Options stopped = options();
    stopped.stop = stop.get_token();
    int results = 0;
    stopped.on_result = [&](const conformance::Result&) {
        if (++results == 20) {
            stop.request_stop();
        }
    };
    EXPECT_THROW(conformance::run(subject, stopped), errors::InterruptedError);
    EXPECT_EQ(subject.statements->column("SELECT count(*) FROM sqlite_schema"), std::vector<std::string>{"0"});
}

TEST_F(TestSuite, ADataSourceOfSomebodyElseIsNotTouched) {
    const conformance::Subject subject = this->subject(Fault::none);
    tinybird::Client tinybird(config::tinybird(testing::tinybird_environment()));
    schema::Schema schema;
    schema.columns = {{"id", "", schema::Int64(), "", "", ""}};
    tinybird.create_data_source("faulty_export_csv", schema);
    try {
        conformance::run(subject, options({"types"}));
        ADD_FAILURE() << "nothing was thrown";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("there is a data source \"faulty_export_csv\" already"));
    }
    EXPECT_TRUE(tinybird.data_source("faulty_export_csv"));
    tinybird.drop_data_source("faulty_export_csv");
}

TEST_F(TestSuite, UnknownChecksAreRefused) {
    const conformance::Subject subject = this->subject(Fault::none);
    EXPECT_THROW(conformance::run(subject, options({"no_such_check"})), errors::InvalidArgument);
    conformance::Subject odd = subject;
    odd.skips["no_such_check"] = "why not";
    EXPECT_THROW(conformance::run(odd, options({"scopes"})), errors::InvalidArgument);
    odd.skips = {{"snapshot", " "}};
    EXPECT_THROW(conformance::run(odd, options({"scopes"})), errors::InvalidArgument);
}

}  // namespace
}  // namespace tinybird_cdk
