// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "transfer/csv_header.hpp"

namespace tinybird_cdk::transfer {
namespace {

TEST(TestCsvHeader, NamesOfColumnsInAnyOrder) {
    const CsvHeader header({"id", "name", "a,b", "say \"hi\"", "größe"});
    for (const char* line : {"id,name", "name,id\r\n", "id\n", "\"id\",\"name\"", "id;name", "id\tname", "id|name",
                             "\"a,b\",id", "\"say \"\"hi\"\"\"", "\xEF\xBB\xBFid,name\r\n", "größe"}) {
        EXPECT_TRUE(header.matches(line)) << line;
    }
}

TEST(TestCsvHeader, RowsAreNone) {
    const CsvHeader header({"id", "name"});
    for (const char* line : {"", "\n", "1,one", "id,one", "ID,NAME", " id,name", "id,name,", "id,,name", "\"id",
                             "\"id\"x,name", "id name"}) {
        EXPECT_FALSE(header.matches(line)) << line;
    }
    EXPECT_FALSE(CsvHeader({}).matches("id"));
}

TEST(TestCsvHeader, ALineOfNamesIsQuotedWhateverIsInThem) {
    EXPECT_EQ(header_line({"id"}), "\"id\"\n");
    EXPECT_EQ(header_line({"id", "a,b", "c\"d", "e\nf", "", " g "}),
              "\"id\",\"a,b\",\"c\"\"d\",\"e\nf\",\"\",\" g \"\n");
    EXPECT_TRUE(CsvHeader({"a,b", "c\"d"}).matches(header_line({"a,b", "c\"d"})));
}

TEST(TestCsvHeader, TheTextOfALine) {
    EXPECT_EQ(text_of_line("a\r\n"), "a");
    EXPECT_EQ(text_of_line("a\n"), "a");
    EXPECT_EQ(text_of_line("a"), "a");
    EXPECT_EQ(text_of_line("\xEF\xBB\xBF"
                           "a"),
              "a");
    EXPECT_EQ(text_of_line(""), "");
}

}  // namespace
}  // namespace tinybird_cdk::transfer
