// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;

std::vector<ResultColumn> columns() {
    return {{.name = "id", .source_type = "INT64", .type = schema::Int64()},
            {.name = "at", .source_type = "TIMESTAMP", .type = schema::DateTime64(6)}};
}

/// The message, or nothing where the columns are taken.
std::string refusal(const std::vector<ResultColumn>& found) {
    try {
        refuse_changed_columns(columns(), found);
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
        return error.what();
    }
    return {};
}

TEST(TestChangedColumns, TheSameAreTaken) {
    EXPECT_EQ(refusal(columns()), "");
}

TEST(TestChangedColumns, WithoutATypeTheSourceTypeDecides) {
    std::vector<ResultColumn> found = columns();
    found[0].type.reset();
    EXPECT_EQ(refusal(found), "");
    found[0].source_type = "STRING";
    EXPECT_THAT(refusal(found), HasSubstr(R"(column 1 was "id" of type INT64 and is "id" of type STRING)"));
}

TEST(TestChangedColumns, ANewNullIsAnotherType) {
    std::vector<ResultColumn> found = columns();
    found[1].type = found[1].type->with_nullable(true);
    EXPECT_THAT(refusal(found), HasSubstr("column 2"));
}

TEST(TestChangedColumns, OtherPlacesAreAChange) {
    std::vector<ResultColumn> found = columns();
    std::swap(found[0], found[1]);
    EXPECT_THAT(refusal(found), HasSubstr(R"(column 1 was "id" of type INT64 and is "at" of type TIMESTAMP)"));
}

TEST(TestChangedColumns, OneMoreAndOneLessAreAChange) {
    std::vector<ResultColumn> found = columns();
    found.push_back({.name = "x", .source_type = "BOOL"});
    EXPECT_THAT(refusal(found), HasSubstr(R"(column 3 was none and is "x" of type BOOL)"));
    found.resize(1);
    EXPECT_THAT(refusal(found), HasSubstr(R"(column 2 was "at" of type TIMESTAMP and is none)"));
}

}  // namespace
}  // namespace tinybird_cdk
