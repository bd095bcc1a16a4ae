// SPDX-License-Identifier: Apache-2.0
#include "transfer/ledger_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::transfer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(LedgerRecords, ALineHasAllColumnsOfTheSchema) {
    const std::chrono::system_clock::time_point written{std::chrono::microseconds(1'780'000'000'123'456)};
    const std::string line = ledger_line({.uri = "s3://b/it's \"q\"\\\n日.csv",
                                          .etag = "0x8D",
                                          .size = 18'446'744'073'709'551'615U,
                                          .modified = written - std::chrono::microseconds(123'455),
                                          .load_id = "l",
                                          .event = "begun"},
                                         "orders", written);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    const Value row = Value::from_json(line);
    for (const schema::Column& column : ledger_schema().columns) {
        EXPECT_NO_THROW(static_cast<void>(row.at(column.name))) << column.name;
    }
    EXPECT_EQ(row.at("uri"), Value("s3://b/it's \"q\"\\\n日.csv"));
    EXPECT_EQ(row.at("size").to_text(), "18446744073709551615");
    EXPECT_EQ(row.at("at"), Value("2026-05-28 20:26:40.123456"));
    EXPECT_EQ(row.at("modified"), Value("2026-05-28 20:26:40.000001"));
}

TEST(LedgerRecords, MomentsBeforeTheEpochKeepTheirDigits) {
    const std::string line = ledger_line({}, "d", std::chrono::system_clock::time_point(std::chrono::microseconds(-1)));
    EXPECT_EQ(Value::from_json(line).at("at"), Value("1969-12-31 23:59:59.999999"));
}

TEST(LedgerRecords, TextIsQuoted) {
    EXPECT_EQ(quoted_text("plain"), "'plain'");
    EXPECT_EQ(quoted_text("it's a \\ and \\'"), "'it\\'s a \\\\ and \\\\\\''");
    EXPECT_EQ(quoted_text(std::string_view("\0x", 2)), "'\\0x'");
    EXPECT_EQ(quoted_text("日本\n`\""), "'日本\n`\"'");
}

TEST(LedgerRecords, PagesGoOnBehindTheLastLoad) {
    EXPECT_THAT(ledger_query("d", "startsWith(uri, 's3://b/')", nullptr, 5), Not(HasSubstr("(uri, etag, load_id) >")));
    const LedgerLoad last{.uri = "s3://b/it's", .etag = "e", .load_id = "l"};
    EXPECT_THAT(ledger_query("d", "1", &last, 5), HasSubstr("(uri, etag, load_id) > ('s3://b/it\\'s', 'e', 'l')"));
    EXPECT_THAT(ledger_query("d", "1", &last, 5), HasSubstr(" LIMIT 5"));
}

TEST(LedgerRecords, RowsAreRead) {
    const ResultSet rows{{{"of_uri", "u"},
                          {"of_etag", "e"},
                          {"of_load", "l"},
                          {"is_done", Value(std::int64_t{1})},
                          {"is_failed", Value(std::int64_t{0})},
                          {"begun_at", "2026-01-01 00:00:00.000000"},
                          {"of_job", "j"}}};
    const std::vector<LedgerLoad> loads = ledger_loads(rows);
    ASSERT_EQ(loads.size(), 1U);
    EXPECT_TRUE(loads[0].done);
    EXPECT_FALSE(loads[0].failed);
    EXPECT_FALSE(loads[0].open());
    EXPECT_EQ(loads[0].job_id, "j");
    EXPECT_THROW(ledger_loads({{{"of_uri", "u"}}}), errors::InvalidArgument);
}

TEST(LedgerRecords, TheDatafileSaysAll) {
    const std::string file = ledger_datafile();
    for (const char* part :
         {"`modified` DateTime64(6, 'UTC') `json:$.modified`", "ENGINE \"MergeTree\"", "data_source, uri, at"}) {
        EXPECT_THAT(file, HasSubstr(part));
    }
}

}  // namespace
}  // namespace tinybird_cdk::transfer
