// SPDX-License-Identifier: Apache-2.0
#include "connectors/bigquery/sql_text.hpp"

#include <gmock/gmock.h>

namespace tinybird_cdk::bigquery {
namespace {

using ::testing::ElementsAre;

TEST(TestBigQuerySql, NamesAreQuoted) {
    EXPECT_EQ(identifier("order"), "`order`");
    EXPECT_EQ(identifier(R"(a`b\c)"), R"(`a\`b\\c`)");
    EXPECT_EQ(table_path("my-project", "d", "events_*"), "`my-project.d.events_*`");
}

TEST(TestBigQuerySql, ReadsTheColumnsInTheirOrder) {
    // In SELECT `t` FROM `p.d.t`, the column t would be the whole row.
    EXPECT_EQ(select_columns("p", "d", "t", {"t", "a"}),
              "SELECT `tb_cdk_table`.`t`, `tb_cdk_table`.`a`\nFROM `p.d.t` AS `tb_cdk_table`");
}

TEST(TestBigQuerySql, SeveralStatementsAreTold) {
    for (const char* const several :
         {"CREATE TEMP FUNCTION f() AS (1); SELECT f()", "SELECT 1;SELECT 2;", "SELECT 1 /* a */; -- b\nSELECT 2"}) {
        EXPECT_TRUE(has_statements(several)) << several;
    }
    for (const char* const one : {"", "SELECT 1", "SELECT 1;", "SELECT 1; -- done;", "SELECT ';' AS `a;b` /* ; */",
                                  "SELECT \"\"\"a\";\"\"\" -- ;\n"}) {
        EXPECT_FALSE(has_statements(one)) << one;
    }
}

TEST(TestBigQuerySql, LabelsHaveTheirOwnCharacters) {
    EXPECT_EQ(label_value("Nightly load/EU"), "nightly_load_eu");
    EXPECT_EQ(label_value("a-b_1"), "a-b_1");
    EXPECT_EQ(label_value(std::string(100, 'A')), std::string(63, 'a'));
    EXPECT_EQ(label_value("ñ"), "__");
    EXPECT_EQ(label_value(""), "");
}

TEST(TestBigQuerySql, TablesInPartsAreOne) {
    EXPECT_THAT(group_parts({"events_20240102", "users", "events_20240101", "single_20240101"}, {}),
                ElementsAre(TableName{.name = "events_*", .parts = {"events_20240101", "events_20240102"}},
                            TableName{.name = "single_20240101"}, TableName{.name = "users"}));
}

TEST(TestBigQuerySql, WhatAViewBeginsLikeStaysSingle) {
    const auto names = [](const std::vector<TableName>& tables) {
        std::vector<std::string> all;
        for (const TableName& table : tables) {
            all.push_back(table.name);
        }
        return all;
    };
    const std::vector<std::string> tables{"a_20240101", "a_20240102", "b_20240101", "b_20240102"};
    EXPECT_THAT(names(group_parts(tables, {"a_20240103"})),
                ElementsAre("a_20240101", "a_20240102", "a_20240103", "b_*"));
    EXPECT_THAT(names(group_parts(tables, {"a_view", "v_20240101", "v_20240102"})),
                ElementsAre("a_20240101", "a_20240102", "a_view", "b_*", "v_20240101", "v_20240102"));
}

TEST(TestBigQuerySql, OnlyDigitsOfADateMakeAPart) {
    EXPECT_THAT(
        group_parts({"a_2024010", "a_2024011", "b20240101", "b20240102", "_20240101", "_20240102"}, {}),
        ElementsAre(TableName{.name = "_20240101"}, TableName{.name = "_20240102"}, TableName{.name = "a_2024010"},
                    TableName{.name = "a_2024011"}, TableName{.name = "b20240101"}, TableName{.name = "b20240102"}));
}

}  // namespace
}  // namespace tinybird_cdk::bigquery
