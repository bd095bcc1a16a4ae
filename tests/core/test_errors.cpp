// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/errors.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tinybird_cdk::errors {
namespace {

using ::testing::HasSubstr;

static_assert(std::is_base_of_v<std::runtime_error, Error>);
static_assert(std::is_base_of_v<TinybirdClientError, HTTPError>);
static_assert(std::is_base_of_v<TinybirdClientError, JobError>);
static_assert(std::is_base_of_v<TinybirdClientError, RateLimitedForTooLongError>);
static_assert(std::is_base_of_v<TinybirdClientError, InDoubtError>);
static_assert(std::is_base_of_v<TinybirdClientError, QuarantineError>);

struct Case {
    std::string_view name;
    ExitCode exit_code;
    std::function<void()> raise;
};

/// One of each class. Scripts compare names and exit codes, so both are part of the interface.
std::vector<Case> all() {
    using enum ExitCode;
    return {
        {"Error", bad_input, [] { throw Error("m", "h"); }},
        {"Error", temporary, [] { throw Error("m", "h", temporary); }},
        {"MissingConfiguration", bad_input, [] { throw MissingConfiguration("m", "h"); }},
        {"InvalidArgument", bad_input, [] { throw InvalidArgument("m", "h"); }},
        {"UnknownConnectorError", bad_input, [] { throw UnknownConnectorError("m", "h"); }},
        {"UnsupportedFormatError", bad_input, [] { throw UnsupportedFormatError("m", "h"); }},
        {"UnsupportedCloudServiceError", bad_input, [] { throw UnsupportedCloudServiceError("m", "h"); }},
        {"ExternalDatasourceError", bad_input, [] { throw ExternalDatasourceError("m", "42601", "h"); }},
        {"ExternalDatasourceError", temporary, [] { throw ExternalDatasourceError("m", "", "h", temporary); }},
        {"RefusedValueError", data_refused, [] { throw RefusedValueError(3, "c", "m", "h"); }},
        {"SchemaMismatchError", schema_drift, [] { throw SchemaMismatchError("m", "h"); }},
        {"TinybirdClientError", bad_input, [] { throw TinybirdClientError("m", "h"); }},
        {"HTTPError", bad_input, [] { throw HTTPError(404, "m", "h"); }},
        {"HTTPError", temporary, [] { throw HTTPError(503, "m", "h", temporary); }},
        {"JobError", data_refused, [] { throw JobError("id", "m", "h"); }},
        {"RateLimitedForTooLongError", temporary, [] { throw RateLimitedForTooLongError("m", "h"); }},
        {"InDoubtError", data_refused, [] { throw InDoubtError("m", "h"); }},
        {"QuarantineError", data_refused, [] { throw QuarantineError("m", "h"); }},
    };
}

TEST(TestErrors, AreCaughtByTheirRootWithAllTheySay) {
    for (const Case& expected : all()) {
        try {
            expected.raise();
            ADD_FAILURE() << expected.name;
        } catch (const Error& error) {
            EXPECT_EQ(error.name(), expected.name);
            EXPECT_EQ(error.exit_code(), expected.exit_code) << expected.name;
            EXPECT_EQ(error.retryable(), expected.exit_code == ExitCode::temporary) << expected.name;
            EXPECT_EQ(error.hint(), "h") << expected.name;
            EXPECT_THAT(error.what(), HasSubstr("m")) << expected.name;
            EXPECT_FALSE(error.has_cause()) << expected.name;
        }
    }
}

TEST(TestErrors, AnInterruptionHasTheExitCodeOfShells) {
    const InterruptedError error;
    EXPECT_EQ(static_cast<int>(error.exit_code()), 130);
    EXPECT_STREQ(error.what(), "interrupted");
    EXPECT_FALSE(error.retryable());
    EXPECT_EQ(error.name(), "InterruptedError");
}

TEST(TestErrors, ExitCodesAreThoseOfTheDocumentation) {
    EXPECT_EQ(static_cast<int>(ExitCode::done), 0);
    EXPECT_EQ(static_cast<int>(ExitCode::bad_input), 1);
    EXPECT_EQ(static_cast<int>(ExitCode::temporary), 2);
    EXPECT_EQ(static_cast<int>(ExitCode::data_refused), 3);
    EXPECT_EQ(static_cast<int>(ExitCode::schema_drift), 4);
}

TEST(TestErrors, AMissingVariableIsNamedAndTheHintSaysHowToSetIt) {
    const MissingConfiguration error("PGHOST");
    EXPECT_EQ(error.variable(), "PGHOST");
    EXPECT_THAT(error.what(), HasSubstr("PGHOST"));
    EXPECT_THAT(error.hint(), HasSubstr("export PGHOST="));
}

TEST(TestErrors, ARefusedValueNamesRowAndColumn) {
    const RefusedValueError error(18'446'744'073'709'551'615U, "price", "NaN has no place in Decimal(10, 2)");
    EXPECT_EQ(error.row(), 18'446'744'073'709'551'615U);
    EXPECT_EQ(error.column(), "price");
    EXPECT_STREQ(error.what(), "row 18446744073709551615, column \"price\": NaN has no place in Decimal(10, 2)");
}

TEST(TestErrors, KeepWhatTheyWereMadeWith) {
    EXPECT_EQ(ExternalDatasourceError("m", "42P01").sqlstate(), "42P01");
    EXPECT_EQ(HTTPError(429, "m").status(), 429);
    EXPECT_EQ(JobError("job-1", "m").job_id(), "job-1");
}

TEST(TestErrors, TakeTheExceptionBeingHandledAsTheirCause) {
    try {
        try {
            throw std::out_of_range("the driver's own words");
        } catch (const std::exception&) {
            throw ExternalDatasourceError("the query failed");
        }
    } catch (const Error& error) {
        ASSERT_TRUE(error.has_cause());
        try {
            error.rethrow_nested();
            FAIL();
        } catch (const std::out_of_range& cause) {
            EXPECT_STREQ(cause.what(), "the driver's own words");
        }
    }
}

TEST(TestErrors, ACopyKeepsTheCause) {
    try {
        throw std::runtime_error("cause");
    } catch (const std::exception&) {
        const Error original("message");
        const Error copy = original;  // NOLINT(performance-unnecessary-copy-initialization): the copy is the test
        EXPECT_TRUE(copy.has_cause());
        EXPECT_STREQ(copy.what(), "message");
    }
}

TEST(TestErrors, ACauseMayHaveACauseOfItsOwn) {
    std::vector<std::string> chain;
    const std::function<void(const std::exception&)> collect = [&](const std::exception& error) {
        chain.emplace_back(error.what());
        try {
            std::rethrow_if_nested(error);
        } catch (const std::exception& cause) {
            collect(cause);
        }
    };
    try {
        try {
            try {
                throw std::runtime_error("c");
            } catch (...) {
                throw InvalidArgument("b");
            }
        } catch (...) {
            throw TinybirdClientError("a");
        }
    } catch (const std::exception& error) {
        collect(error);
    }
    EXPECT_THAT(chain, ::testing::ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace tinybird_cdk::errors
