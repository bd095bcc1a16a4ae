// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

#include "framework/route_choice.hpp"

namespace tinybird_cdk::framework {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t gigabyte = 1'000'000'000;

class TestRouteChoice : public ::testing::Test {
protected:
    TestRouteChoice() {
        const schema::Column column{"n", "", schema::Int64(), "$.n", "", ""};
        tinybird::DataSource target;
        target.columns = {column};
        request.purpose = ExportPurpose{.target = target};
        estimate.columns = {{.name = "n", .source_type = "INT64", .type = schema::Int64()}};
        estimate.bytes_read = 5 * gigabyte;
    }

    RouteChoice choose() {
        return choose_route(
            rules, request, [&] { return estimate; },
            [&] {
                ++signatures;
                sign();
            });
    }
    void refuse_to_sign() {
        sign = [] {
            throw errors::InvalidArgument("the user of me.json can't sign URLs: only a service account can",
                                          "Use the key of a service account.");
        };
    }

    RouteRules rules{.has_bucket = true, .bucket_variable = "GCS_BUCKET", .limits = {}};
    ExportRequest request{.query = "q", .row_limit = {}, .stop = {}};
    UnloadEstimate estimate;
    std::function<void()> sign = [] {};
    int signatures = 0;
};

TEST_F(TestRouteChoice, WhereUrlsCantBeSignedNothingIsUnloaded) {
    EXPECT_TRUE(choose().by_bucket);
    refuse_to_sign();
    const RouteChoice choice = choose();
    EXPECT_FALSE(choice.by_bucket);
    EXPECT_THAT(choice.why, HasSubstr("the user of me.json can't sign URLs"));
    rules.route = Route::bucket;
    try {
        choose();
        FAIL() << "it would be for nothing";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("can't go by the bucket"), HasSubstr("the user of me.json")));
        EXPECT_THAT(error.hint(), AllOf(HasSubstr("the key of a service account"), HasSubstr("--via direct")));
    }
}

TEST_F(TestRouteChoice, TheWarehouseHasTheLastWord) {
    int looks = 0;
    estimate.last_look = [&looks](Format) {
        ++looks;
        return std::string("wildcards are not exported");
    };
    EXPECT_FALSE(choose().by_bucket);
    EXPECT_EQ(choose().why, "wildcards are not exported");
    EXPECT_EQ(looks, 2);
    EXPECT_EQ(signatures, 0);
    estimate.bytes_read = 5;
    EXPECT_THAT(choose().why, HasSubstr("5 bytes"));
    EXPECT_EQ(looks, 2) << "it goes directly anyway";
    rules.route = Route::bucket;
    try {
        choose();
        FAIL() << "it can't be written";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("wildcards are not exported"));
        EXPECT_THAT(error.hint(), HasSubstr("--via direct"));
    }
    estimate.last_look = [](Format) { return std::string(); };
    EXPECT_TRUE(choose().by_bucket);
}

TEST_F(TestRouteChoice, NamesThatNoWayFindsAreNoMatterOfTheBucket) {
    estimate.not_by_bucket = "text can't be CSV";
    const auto column_of = [](const char* name) {
        return ResultColumn{.name = name, .source_type = "INT64", .type = schema::Int64()};
    };
    const std::vector<ResultColumn> more{column_of("n"), column_of("s")};
    const std::vector<ResultColumn> other{column_of("other")};
    for (const std::string jsonpath : {"", "$.n"}) {
        request.purpose->target->columns.at(0).jsonpath = jsonpath;
        for (const auto& instead : {std::optional<Format>(), std::optional(Format::ndjson)}) {
            estimate.instead = instead;
            estimate.columns = more;
            rules.route = Route::automatic;
            EXPECT_THROW(choose(), errors::SchemaMismatchError);
            rules.route = Route::bucket;
            EXPECT_THROW(choose(), errors::SchemaMismatchError);
            // Directly it goes by its position.
            estimate.columns = other;
            EXPECT_THROW(choose(), errors::InvalidArgument);
            rules.route = Route::automatic;
            EXPECT_FALSE(choose().by_bucket);
        }
    }
}

TEST_F(TestRouteChoice, ADataSourceThatIsNotDescribedIsAMatterOfTheToken) {
    request.purpose->target.reset();
    EXPECT_FALSE(choose().by_bucket);
    rules.route = Route::bucket;
    try {
        choose();
        FAIL() << "nothing is known of the data source";
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.hint(), AllOf(HasSubstr("TB_CDK_TOKEN"), HasSubstr("--via direct"), Not(HasSubstr("CAST"))));
    }
}

TEST_F(TestRouteChoice, WhatMayPassDoesNotChangeTheWay) {
    sign = [] { throw errors::ExternalDatasourceError("busy", "503", {}, errors::ExitCode::temporary); };
    EXPECT_THROW(choose(), errors::ExternalDatasourceError);
    sign = [] { throw errors::InterruptedError(); };
    EXPECT_THROW(choose(), errors::InterruptedError);
}

TEST_F(TestRouteChoice, NothingIsSignedForWhatGoesDirectly) {
    refuse_to_sign();
    estimate.bytes_read = 5;
    EXPECT_THAT(choose().why, Not(HasSubstr("sign")));
    rules.route = Route::direct;
    EXPECT_FALSE(choose().by_bucket);
    EXPECT_EQ(signatures, 0);
}

TEST_F(TestRouteChoice, AReplaceThatMayBeTooLargeIsWarnedOf) {
    rules.limits.url_bytes = 4 * gigabyte;
    EXPECT_EQ(choose().warning, "") << "an append becomes several imports";
    request.purpose->all_or_nothing = true;
    EXPECT_THAT(choose().warning, AllOf(HasSubstr("5000000000 bytes are read"), HasSubstr("--via direct")));
    estimate.bytes_read = 4 * gigabyte;
    EXPECT_EQ(choose().warning, "");
    estimate.bytes_read = 5 * gigabyte;
    estimate.result_bytes = 2 * gigabyte;
    EXPECT_EQ(choose().warning, "") << "the result is known to fit";
    estimate.result_bytes = 5 * gigabyte;
    EXPECT_FALSE(choose().by_bucket);
}

}  // namespace
}  // namespace tinybird_cdk::framework
