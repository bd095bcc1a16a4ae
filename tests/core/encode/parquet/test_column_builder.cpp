// SPDX-License-Identifier: Apache-2.0
//
// What stands in Arrow's form after values went in as the text that the other formats write.
#include "encode/parquet/column_builder.hpp"

#include <functional>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nanoarrow/nanoarrow.h>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::encode::parquet {
namespace {

using ::testing::HasSubstr;

/// A column of this type with what `fill` put into it.
class Column {
public:
    Column(std::string_view type, const std::function<void(ColumnBuilder&)>& fill)
        : rule_(make_rule(schema::Type::parse(type), true)) {
        describe(rule_, "c", schema_.out());
        check(ArrowArrayInitFromSchema(array_.out(), schema_.get(), nullptr));
        check(ArrowArrayStartAppending(array_.get()));
        ColumnBuilder builder(rule_);
        builder.attach(array_.get());
        fill(builder);
        check(ArrowArrayFinishBuildingDefault(array_.get(), nullptr));
        check(ArrowArrayViewInitFromSchema(&view_, schema_.get(), nullptr));
        check(ArrowArrayViewSetArray(&view_, array_.get(), nullptr));
    }
    Column(const Column&) = delete;
    Column& operator=(const Column&) = delete;
    ~Column() { ArrowArrayViewReset(&view_); }

    [[nodiscard]] const ArrowArrayView& view() const { return view_; }
    [[nodiscard]] std::string format() { return schema_->format; }
    [[nodiscard]] std::int64_t integer(std::int64_t row) const { return ArrowArrayViewGetIntUnsafe(&view_, row); }
    [[nodiscard]] std::string text(std::int64_t row) const { return text_of(&view_, row); }
    [[nodiscard]] bool null(std::int64_t row) const { return ArrowArrayViewIsNull(&view_, row) != 0; }
    static std::string text_of(const ArrowArrayView* view, std::int64_t row) {
        const ArrowStringView text = ArrowArrayViewGetStringUnsafe(view, row);
        return {text.data, static_cast<std::size_t>(text.size_bytes)};
    }
    [[nodiscard]] std::string decimal(std::int64_t row, int bits) const {
        ArrowDecimal value;
        ArrowDecimalInit(&value, bits, rule_.precision, rule_.scale);
        ArrowArrayViewGetDecimalUnsafe(&view_, row, &value);
        ArrowBuffer digits;
        ArrowBufferInit(&digits);
        check(ArrowDecimalAppendDigitsToBuffer(&value, &digits));
        std::string result(reinterpret_cast<const char*>(digits.data), static_cast<std::size_t>(digits.size_bytes));
        ArrowBufferReset(&digits);
        return result;
    }

private:
    const Rule rule_;
    OwnedArrowSchema schema_;
    OwnedArrowArray array_;
    ArrowArrayView view_{};
};

std::string refusal(std::string_view type, const std::function<void(ColumnBuilder&)>& fill) {
    try {
        const Column column(type, fill);
    } catch (const Unstorable& value) {
        EXPECT_FALSE(value.hint.empty());
        return value.message;
    }
    return {};
}

std::string refusal(std::string_view type, std::string_view text) {
    return refusal(type, [&](ColumnBuilder& column) { column.text(text); });
}

TEST(ColumnBuilder, IntegersAtTheirEnds) {
    const Column small("Int8", [](ColumnBuilder& column) {
        column.number(std::int64_t{-128});
        column.number(std::uint64_t{127});
        column.text("-1");
        column.text("-0");
    });
    EXPECT_EQ(small.integer(0), -128);
    EXPECT_EQ(small.integer(1), 127);
    EXPECT_EQ(small.integer(2), -1);
    EXPECT_EQ(small.integer(3), 0);
    const Column large("UInt64", [](ColumnBuilder& column) {
        column.number(std::uint64_t{18446744073709551615U});
        column.number(std::int64_t{9223372036854775807});
        column.text("18446744073709551615");
    });
    EXPECT_EQ(ArrowArrayViewGetUIntUnsafe(&large.view(), 0), 18446744073709551615U);
    EXPECT_EQ(ArrowArrayViewGetUIntUnsafe(&large.view(), 1), 9223372036854775807U);
    EXPECT_EQ(ArrowArrayViewGetUIntUnsafe(&large.view(), 2), 18446744073709551615U);
    for (const char* const text : {"128", "-129", "1.5", "1e2", "", " 1", "01", "x", "NaN", "+1"}) {
        EXPECT_THAT(refusal("Int8", text), HasSubstr("can't stand in a Parquet column for Int8")) << text;
    }
}

TEST(ColumnBuilder, WiderIntegersAreText) {
    const Column wide("Int256", [](ColumnBuilder& column) {
        column.number(std::int64_t{-7});
        column.text("57896044618658097711785492504343953926634992332820282019728792003956564819967");
    });
    EXPECT_EQ(wide.text(0), "-7");
    EXPECT_EQ(wide.text(1), "57896044618658097711785492504343953926634992332820282019728792003956564819967");
}

TEST(ColumnBuilder, Floats) {
    const Column column("Float64", [](ColumnBuilder& builder) {
        builder.number(0.1);
        builder.number(std::int64_t{9007199254740992});
        builder.text("nan");
        builder.text("-inf");
        builder.text("123456789.123456789");
        builder.text("0.000000000000000000000000000000000000001");
    });
    EXPECT_EQ(ArrowArrayViewGetDoubleUnsafe(&column.view(), 0), 0.1);
    EXPECT_EQ(ArrowArrayViewGetDoubleUnsafe(&column.view(), 1), 9007199254740992.0);
    EXPECT_NE(ArrowArrayViewGetDoubleUnsafe(&column.view(), 2), ArrowArrayViewGetDoubleUnsafe(&column.view(), 2));
    EXPECT_EQ(ArrowArrayViewGetDoubleUnsafe(&column.view(), 3), -std::numeric_limits<double>::infinity());
    EXPECT_EQ(ArrowArrayViewGetDoubleUnsafe(&column.view(), 4), 123456789.123456789);
    EXPECT_EQ(ArrowArrayViewGetDoubleUnsafe(&column.view(), 5), 1e-39);
    EXPECT_NE(refusal("Float64", "x"), "");
    EXPECT_NE(refusal("Float32", "0x1p3"), "");
    EXPECT_NE(refusal("Float64", ""), "");
}

TEST(ColumnBuilder, DecimalsToTheLastDigit) {
    const Column narrow("Decimal(38, 10)", [](ColumnBuilder& column) {
        column.text("9999999999999999999999999999.9999999999");
        column.text("-9999999999999999999999999999.9999999999");
        column.text("0.0000000001");
        column.text("1.10000000000000");
        column.number(std::int64_t{-5});
    });
    EXPECT_EQ(narrow.decimal(0, 128), "99999999999999999999999999999999999999");
    EXPECT_EQ(narrow.decimal(1, 128), "-99999999999999999999999999999999999999");
    EXPECT_EQ(narrow.decimal(2, 128), "1");
    EXPECT_EQ(narrow.decimal(3, 128), "11000000000");
    EXPECT_EQ(narrow.decimal(4, 128), "-50000000000");
    const Column wide("Decimal(76, 0)", [](ColumnBuilder& column) { column.text(std::string(76, '9')); });
    EXPECT_EQ(wide.decimal(0, 256), std::string(76, '9'));
    for (const char* const text : {"100", "0.001", "NaN", "", "1e1", "1.x"}) {
        EXPECT_NE(refusal("Decimal(4, 2)", text), "") << text;
    }
}

TEST(ColumnBuilder, DaysAndMoments) {
    const Column days("Date32", [](ColumnBuilder& column) {
        column.text("1900-01-01");
        column.text("2299-12-31 00:00:00");
    });
    EXPECT_EQ(days.integer(0), -25567);
    EXPECT_EQ(days.integer(1), 120529);
    Column micro("DateTime64(6)", [](ColumnBuilder& column) {
        column.text("1900-01-01 00:00:00");
        column.text("2299-12-31 23:59:59.999999");
    });
    EXPECT_EQ(micro.format(), "tsu:UTC");
    EXPECT_EQ(micro.integer(0), -2208988800000000);
    EXPECT_EQ(micro.integer(1), 10413791999999999);
    Column nano("DateTime64(9)", [](ColumnBuilder& column) { column.text("1969-12-31 23:59:59.999999999"); });
    EXPECT_EQ(nano.format(), "tsn:UTC");
    EXPECT_EQ(nano.integer(0), -1);
    Column seconds("DateTime", [](ColumnBuilder& column) { column.text("2106-02-07 06:28:15"); });
    EXPECT_EQ(seconds.format(), "tsm:UTC");
    EXPECT_EQ(seconds.integer(0), 4294967295000);
    EXPECT_THAT(refusal("Date32", "2024-01-01 10:00:00"), HasSubstr("time of day"));
    EXPECT_THAT(refusal("Date32", "1899-12-31"), HasSubstr("outside the years"));
    EXPECT_THAT(refusal("DateTime64(3)", "2024-01-01 10:00:00.0001"), HasSubstr("finer"));
    EXPECT_THAT(refusal("DateTime64(1)", "2024-01-01 10:00:00.01"), HasSubstr("finer"));
    EXPECT_THAT(refusal("DateTime64(7)", "2290-01-01 10:00:00"), HasSubstr("2262"));
    EXPECT_THAT(refusal("DateTime", "yesterday"), HasSubstr("no date or time"));
}

TEST(ColumnBuilder, LocalTimesHaveNoPlaceInAZone) {
    const Column column("DateTime64(3, 'Europe/Madrid')",
                        [](ColumnBuilder& builder) { builder.text("2024-01-01 10:00:00Z"); });
    EXPECT_EQ(column.integer(0), 1704103200000);
    EXPECT_THAT(refusal("DateTime64(3, 'Europe/Madrid')", "2024-01-01 10:00:00"), HasSubstr("local time"));
}

TEST(ColumnBuilder, NullAndEmptyTextAreTwo) {
    const Column column("Nullable(String)", [](ColumnBuilder& builder) {
        builder.null();
        builder.text("");
        builder.text("é\n");
    });
    EXPECT_TRUE(column.null(0));
    EXPECT_FALSE(column.null(1));
    EXPECT_EQ(column.text(1), "");
    EXPECT_EQ(column.text(2), "é\n");
}

TEST(ColumnBuilder, ListsOfAnyDepth) {
    const Column column("Array(Array(Nullable(Int32)))", [](ColumnBuilder& builder) {
        builder.nested("[[1,null],[]]");
        builder.nested("[]");
        builder.text(" [ [ 3 ] ] ");
    });
    const ArrowArrayView* const inner = column.view().children[0];
    const ArrowArrayView* const leaf = inner->children[0];
    EXPECT_EQ(ArrowArrayViewListChildOffset(&column.view(), 1), 2);
    EXPECT_EQ(ArrowArrayViewListChildOffset(&column.view(), 2), 2);
    EXPECT_EQ(ArrowArrayViewListChildOffset(&column.view(), 3), 3);
    EXPECT_EQ(leaf->length, 3);
    EXPECT_EQ(ArrowArrayViewGetIntUnsafe(leaf, 0), 1);
    EXPECT_TRUE(ArrowArrayViewIsNull(leaf, 1) != 0);
    EXPECT_EQ(ArrowArrayViewGetIntUnsafe(leaf, 2), 3);
}

TEST(ColumnBuilder, TextInsideIsUnescaped) {
    const Column column("Array(String)", [](ColumnBuilder& builder) {
        builder.nested(R"(["a\"b\\c\/\n\u00e9\ud83d\ude00\u0000","",",]}",{"k": "}\"]"},"x"])");
    });
    const ArrowArrayView* const leaf = column.view().children[0];
    ASSERT_EQ(leaf->length, 5);
    EXPECT_EQ(Column::text_of(leaf, 0), std::string("a\"b\\c/\né😀\0", 14));
    EXPECT_EQ(Column::text_of(leaf, 1), "");
    EXPECT_EQ(Column::text_of(leaf, 2), ",]}");
    EXPECT_EQ(Column::text_of(leaf, 3), R"({"k": "}\"]"})");
    EXPECT_EQ(Column::text_of(leaf, 4), "x");
}

TEST(ColumnBuilder, TuplesByNameAndByPlace) {
    const Column named("Tuple(a Int32, b String)", [](ColumnBuilder& builder) {
        builder.nested(R"({"b":"x","a":1})");
        builder.nested(R"([2,"y"])");
    });
    EXPECT_EQ(ArrowArrayViewGetIntUnsafe(named.view().children[0], 0), 1);
    EXPECT_EQ(Column::text_of(named.view().children[1], 1), "y");
    EXPECT_NE(refusal("Tuple(a Int32, b String)", R"({"a":1})"), "");
    EXPECT_NE(refusal("Tuple(a Int32, b String)", R"({"a":1,"a":2})"), "");
    EXPECT_NE(refusal("Tuple(a Int32, b String)", R"({"a":1,"c":"x"})"), "");
    EXPECT_NE(refusal("Tuple(a Int32, b String)", "[1]"), "");
    EXPECT_NE(refusal("Tuple(a Int32, b String)", R"([1,"x",3])"), "");
}

TEST(ColumnBuilder, Maps) {
    const Column column("Map(UInt8, Array(Float64))", [](ColumnBuilder& builder) {
        builder.nested(R"({"1":[1.5,"nan"],"2":[]})");
        builder.nested("{}");
    });
    const ArrowArrayView* const entries = column.view().children[0];
    ASSERT_EQ(entries->length, 2);
    EXPECT_EQ(ArrowArrayViewGetUIntUnsafe(entries->children[0], 1), 2U);
    EXPECT_EQ(ArrowArrayViewGetDoubleUnsafe(entries->children[1]->children[0], 0), 1.5);
}

TEST(ColumnBuilder, WhatHasAnotherShapeIsRefused) {
    EXPECT_THAT(refusal("Array(Int32)", "1,2"), HasSubstr("no JSON"));
    EXPECT_NE(refusal("Array(Int32)", "{}"), "");
    EXPECT_NE(refusal("Array(Int32)", "[[1]]"), "");
    EXPECT_NE(refusal("Array(Int32)", "[null]"), "");
    EXPECT_NE(refusal("Map(String, Int32)", "[1]"), "");
    EXPECT_NE(refusal("Array(Int32)", R"(["x"])"), "");
}

}  // namespace
}  // namespace tinybird_cdk::encode::parquet
