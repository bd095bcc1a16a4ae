// SPDX-License-Identifier: Apache-2.0
/// Where the limit of a query goes.
#include <tinybird_cdk/first_rows.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::adbc {
namespace {

using Names = std::vector<std::string>;

const std::string query = "SELECT * FROM t\n";
const std::string behind = "SELECT * FROM t\n\nLIMIT 5";
const std::string around = "SELECT * FROM (\nSELECT * FROM t\n\n) tb_cdk_query LIMIT 5";

/// Of a database that takes a limit around the query only, and gives these names then.
std::string first_of(const Names& names) {
    return first_rows(query, 5, [&](const std::string& sql) {
        if (sql == behind) {
            throw errors::ExternalDatasourceError("it has a limit already");
        }
        EXPECT_EQ(sql, around);
        return names;
    });
}

TEST(TestFirstRows, TheLimitStandsBehindTheQueryWhereItCan) {
    EXPECT_EQ(first_rows(query, 5, [](const std::string&) { return Names{"a", "a"}; }), behind);
    EXPECT_EQ(first_rows("q", 0, [](const std::string&) { return Names(); }), "q\nLIMIT 0");
    EXPECT_EQ(first_rows("q", ~0ULL, [](const std::string&) { return Names(); }), "q\nLIMIT 9223372036854775807");
}

TEST(TestFirstRows, AroundItNamesMustBeThoseOfTheQuery) {
    EXPECT_EQ(first_of({"a", "b", "a_b", "b_", "c_1", "d:2", "_7", "8"}), around);
    EXPECT_EQ(first_of({"a", "b", "a"}), query);
    EXPECT_EQ(first_of({"a", "A_1"}), query);
    EXPECT_EQ(first_of({"a:12", "b", "a"}), query);
}

TEST(TestFirstRows, ADatabaseThatTakesNoLimitGetsNone) {
    EXPECT_EQ(first_rows(query, 5,
                         [](const std::string&) -> Names { throw errors::ExternalDatasourceError("what is LIMIT?"); }),
              query);
}

TEST(TestFirstRows, AFailureThatMayPassIsOne) {
    EXPECT_THROW(first_rows(query, 5,
                            [](const std::string&) -> Names {
                                throw errors::ExternalDatasourceError("lost", {}, {}, errors::ExitCode::temporary);
                            }),
                 errors::ExternalDatasourceError);
}

}  // namespace
}  // namespace tinybird_cdk::adbc
