// SPDX-License-Identifier: Apache-2.0
#include "framework/result_rows.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace tinybird_cdk::framework {
namespace {

class OddRows final : public Rows {
public:
    const std::vector<ResultColumn>& columns() const override { return columns_; }
    void write(RowWriter& writer, const std::stop_token&) override {
        writer.begin_row();
        writer.int64(9007199254740993);
        writer.float64(std::numeric_limits<double>::quiet_NaN());
        writer.decimal("12345678901234567890.123456789");
        writer.text("line\nbreak");
        writer.null();
        writer.end_row();
        writer.begin_row();
        for (int i = 0; i < 5; ++i) {
            writer.null();
        }
        writer.end_row();
    }

private:
    std::vector<ResultColumn> columns_{
        {"i", "", true}, {"f", "", true}, {"d", "", true}, {"t", "", true}, {"n", "", true}};
};

TEST(TestResultRows, KeepsValuesExact) {
    OddRows rows;
    const ResultSet result = read_all(rows, {});
    ASSERT_EQ(result.size(), 2U);
    EXPECT_EQ(Value(result[0]).at("i"), Value(std::int64_t{9007199254740993}));
    EXPECT_EQ(Value(result[0]).at("f").to_text(), "NaN");
    EXPECT_EQ(Value(result[0]).at("d").to_text(), "12345678901234567890.123456789");
    EXPECT_EQ(Value(result[0]).at("t"), Value("line\nbreak"));
    EXPECT_TRUE(Value(result[1]).at("i").is_null());
}

TEST(TestResultRows, ScalarIsTheFirstValueOfTheFirstRow) {
    OddRows rows;
    EXPECT_EQ(scalar(read_all(rows, {})), Value(std::int64_t{9007199254740993}));
    EXPECT_TRUE(scalar({}).is_null());
}

}  // namespace
}  // namespace tinybird_cdk::framework
