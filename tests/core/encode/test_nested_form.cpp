// SPDX-License-Identifier: Apache-2.0
/// The form of lists, maps and tuples. That ClickHouse makes the same is tested on the local Tinybird.
#include "encode/nested_form.hpp"

#include <gtest/gtest.h>

namespace tinybird_cdk::encode {
namespace {

using schema::Type;

TEST(TestNestedForm, PartsHaveTheirLengthInFront) {
    const Type type = Type::parse("Array(Nullable(String))");
    NestedForm form(type);
    form.begin();
    form.value("ab");
    form.null();
    form.value("");
    form.end({});
    EXPECT_EQ(form.take(), "2:ab~0:");
    form.begin();
    form.end({});
    EXPECT_EQ(form.take(), "");
}

TEST(TestNestedForm, PartsAreInTheFormOfTheirType) {
    const Type type = Type::parse("Array(Array(Decimal(10, 2)))");
    NestedForm form(type);
    form.begin();
    form.begin();
    form.value("1.5");
    form.value("-0");
    form.end({});
    form.end({});
    EXPECT_EQ(form.take(), "12:4:1.504:0.00");
}

TEST(TestNestedForm, EntriesOfAMapAreSorted) {
    const Type type = Type::parse("Map(String, Int32)");
    NestedForm form(type);
    form.begin();
    for (const auto* part : {"b", "2", "a", "1"}) {
        form.value(part);
    }
    form.end({});
    EXPECT_EQ(form.take(), "6:1:a1:16:1:b1:2");
}

TEST(TestNestedForm, MembersOfATupleAreInItsOrder) {
    const Type type = Type::parse("Tuple(a Int32, b Nullable(String))");
    NestedForm form(type);
    form.begin();
    form.member(1);
    form.null();
    form.member(0);
    form.value("7");
    form.end({});
    EXPECT_EQ(form.take(), "1:7~");
}

TEST(TestNestedForm, AListInAListOfTextsIsItsText) {
    const Type type = Type::parse("Array(String)");
    NestedForm form(type);
    form.begin();
    form.begin();
    form.value("1");
    form.begin();
    form.null();
    form.end({});
    form.end("[1,[null]]");
    form.value("x");
    form.end({});
    EXPECT_EQ(form.take(), "10:[1,[null]]1:x");
}

TEST(TestNestedForm, OnePartThatIsNotClearMakesTheWholeSo) {
    const Type type = Type::parse("Array(Int32)");
    NestedForm form(type);
    form.begin();
    form.value("1.0");
    form.value("1");
    form.end({});
    EXPECT_FALSE(form.take());
    form.begin();
    form.value("1");
    form.end({});
    EXPECT_EQ(form.take(), "1:1");
}

}  // namespace
}  // namespace tinybird_cdk::encode
