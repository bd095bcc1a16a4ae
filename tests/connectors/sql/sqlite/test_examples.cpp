// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include <tinybird_cdk/schema.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "connectors/sql/sqlite/sqlite_file.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk {
namespace {

using testing::SqliteFile;
using testing::Target;

TEST(TestExamples, TheTourOfTheReadmeWorks) {
    SqliteFile file;
    file.execute(
        "CREATE TABLE flights(carrier TEXT NOT NULL, dep_delay REAL); "
        "INSERT INTO flights VALUES ('AA', 2), ('AA', 4), ('UA', NULL)");
    tinybird::Client client(config::tinybird(testing::tinybird_environment()));
    // The tour's data source has one name, and an earlier run may have left it.
    if (client.data_source("flights")) {
        client.drop_data_source("flights");
    }
    ASSERT_EQ(std::system(("SQLITE_DATABASE='" + file.path().string() + "' '" QUICKSTART "'").c_str()), 0);
    EXPECT_EQ(scalar(client.query("SELECT avg(dep_delay) FROM flights WHERE carrier = 'AA'")).to_text(), "3");
    client.drop_data_source("flights");
}

TEST(TestExamples, AConnectorFromOutsideLoadsAsOneFromInside) {
    schema::Schema schema;
    schema.table = "numbers";
    schema.columns = {{"number", "", schema::UInt64(), "", "", ""},
                      {"square", "", schema::UInt64(), "", "", ""},
                      {"even", "", schema::Bool(), "", "", ""}};
    Target target(schema);
    ASSERT_EQ(std::system(("'" OUTSIDE_CONNECTOR "' 1..1000 " + target.name()).c_str()), 0);
    EXPECT_EQ(target.text("count()"), "1000");
    EXPECT_EQ(target.text("sum(square)"), "333833500");
    EXPECT_EQ(target.text("countIf(even)"), "500");
}

TEST(TestExamples, AConnectorFromOutsideRunsTheConformanceSuite) {
    EXPECT_EQ(std::system("'" OUTSIDE_CONNECTOR "' --conformance '" NUMBERS_CASES "'"), 0);
}

}  // namespace
}  // namespace tinybird_cdk
