// SPDX-License-Identifier: Apache-2.0
/// Arrow's nested and indirect types, whole and sliced.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "core/encode/arrow/arrow_column.hpp"

namespace tinybird_cdk {
namespace {

using testing::ArrowColumn;
using testing::check;
using ::testing::HasSubstr;

ArrowColumn::Describe list_of(ArrowType list, ArrowType element, std::int32_t size = 0) {
    return [=](ArrowSchema& schema) {
        check(size > 0 ? ArrowSchemaSetTypeFixedSize(&schema, list, size) : ArrowSchemaSetType(&schema, list));
        check(ArrowSchemaSetType(schema.children[0], element));
    };
}

/// [1, null], null, [], [2, 3]
void fill_lists(ArrowArray& list) {
    ArrowArray* const element = list.children[0];
    check(ArrowArrayAppendInt(element, 1));
    check(ArrowArrayAppendNull(element, 1));
    check(ArrowArrayFinishElement(&list));
    check(ArrowArrayAppendNull(&list, 1));
    check(ArrowArrayFinishElement(&list));
    check(ArrowArrayAppendInt(element, 2));
    check(ArrowArrayAppendInt(element, 3));
    check(ArrowArrayFinishElement(&list));
}

TEST(TestArrowNestedValues, ListsInEveryLayout) {
    for (const ArrowType type :
         {NANOARROW_TYPE_LIST, NANOARROW_TYPE_LARGE_LIST, NANOARROW_TYPE_LIST_VIEW, NANOARROW_TYPE_LARGE_LIST_VIEW}) {
        EXPECT_EQ(ArrowColumn(list_of(type, NANOARROW_TYPE_INT32)).batch(fill_lists).json(),
                  "[1,null]\nnull\n[]\n[2,3]\n");
        EXPECT_EQ(ArrowColumn(list_of(type, NANOARROW_TYPE_INT32)).batch(fill_lists, 2).json(), "[]\n[2,3]\n");
        EXPECT_EQ(ArrowColumn(list_of(type, NANOARROW_TYPE_INT32)).sliced_batch(fill_lists, 3).json(), "[2,3]\n");
    }
}

TEST(TestArrowNestedValues, ListsOfAFixedSize) {
    const auto fill = [](ArrowArray& list) {
        for (int i = 0; i < 3; ++i) {
            if (i == 1) {
                check(ArrowArrayAppendNull(&list, 1));
                continue;
            }
            check(ArrowArrayAppendInt(list.children[0], i));
            check(ArrowArrayAppendInt(list.children[0], i + 10));
            check(ArrowArrayFinishElement(&list));
        }
    };
    const auto pairs = list_of(NANOARROW_TYPE_FIXED_SIZE_LIST, NANOARROW_TYPE_INT32, 2);
    EXPECT_EQ(ArrowColumn(pairs).batch(fill).json(), "[0,10]\nnull\n[2,12]\n");
    EXPECT_EQ(ArrowColumn(pairs).batch(fill, 2).json(), "[2,12]\n");
    EXPECT_EQ(ArrowColumn(pairs).sliced_batch(fill, 1).json(), "null\n[2,12]\n");
}

void describe_record(ArrowSchema& schema) {
    check(ArrowSchemaSetTypeStruct(&schema, 2));
    check(ArrowSchemaSetType(schema.children[0], NANOARROW_TYPE_INT32));
    check(ArrowSchemaSetName(schema.children[0], "a"));
    check(ArrowSchemaSetType(schema.children[1], NANOARROW_TYPE_STRING));
    check(ArrowSchemaSetName(schema.children[1], "b"));
}

void fill_records(ArrowArray& record) {
    for (int i = 0; i < 3; ++i) {
        if (i == 1) {
            check(ArrowArrayAppendNull(&record, 1));
            continue;
        }
        check(ArrowArrayAppendInt(record.children[0], i));
        check(ArrowArrayAppendString(record.children[1], ArrowCharView(i == 0 ? "x" : "y")));
        check(ArrowArrayFinishElement(&record));
    }
}

TEST(TestArrowNestedValues, Structs) {
    EXPECT_EQ(ArrowColumn(describe_record).batch(fill_records).json(),
              "{\"a\":0,\"b\":\"x\"}\nnull\n{\"a\":2,\"b\":\"y\"}\n");
    EXPECT_EQ(ArrowColumn(describe_record).batch(fill_records, 1).json(), "null\n{\"a\":2,\"b\":\"y\"}\n");
    EXPECT_EQ(ArrowColumn(describe_record).sliced_batch(fill_records, 2).json(), "{\"a\":2,\"b\":\"y\"}\n");
}

TEST(TestArrowNestedValues, Maps) {
    const auto describe = [](ArrowSchema& schema) {
        check(ArrowSchemaSetType(&schema, NANOARROW_TYPE_MAP));
        check(ArrowSchemaSetType(schema.children[0]->children[0], NANOARROW_TYPE_STRING));
        check(ArrowSchemaSetType(schema.children[0]->children[1], NANOARROW_TYPE_INT64));
    };
    const auto fill = [](ArrowArray& map) {
        for (int i = 0; i < 2; ++i) {
            for (int entry = 0; entry <= i; ++entry) {
                const std::string key = "k" + std::to_string(entry);
                check(ArrowArrayAppendString(map.children[0]->children[0], ArrowCharView(key.c_str())));
                check(ArrowArrayAppendInt(map.children[0]->children[1], 10 * i + entry));
                check(ArrowArrayFinishElement(map.children[0]));
            }
            check(ArrowArrayFinishElement(&map));
        }
        check(ArrowArrayAppendNull(&map, 1));
    };
    EXPECT_EQ(ArrowColumn(describe).batch(fill).json(), "{\"k0\":0}\n{\"k0\":10,\"k1\":11}\nnull\n");
    EXPECT_EQ(ArrowColumn(describe).batch(fill, 1).json(), "{\"k0\":10,\"k1\":11}\nnull\n");
    EXPECT_EQ(ArrowColumn(describe).sliced_batch(fill, 1).json(), "{\"k0\":10,\"k1\":11}\nnull\n");
}

TEST(TestArrowNestedValues, UnionsGiveTheValueThatTheyHold) {
    for (const ArrowType type : {NANOARROW_TYPE_SPARSE_UNION, NANOARROW_TYPE_DENSE_UNION}) {
        const auto describe = [type](ArrowSchema& schema) {
            check(ArrowSchemaSetTypeUnion(&schema, type, 2));
            check(ArrowSchemaSetType(schema.children[0], NANOARROW_TYPE_INT64));
            check(ArrowSchemaSetType(schema.children[1], NANOARROW_TYPE_STRING));
        };
        const auto fill = [](ArrowArray& array) {
            check(ArrowArrayAppendInt(array.children[0], 7));
            check(ArrowArrayFinishUnionElement(&array, 0));
            check(ArrowArrayAppendString(array.children[1], ArrowCharView("seven")));
            check(ArrowArrayFinishUnionElement(&array, 1));
            check(ArrowArrayAppendNull(array.children[0], 1));
            check(ArrowArrayFinishUnionElement(&array, 0));
        };
        EXPECT_EQ(ArrowColumn(describe).batch(fill).json(), "7\n\"seven\"\nnull\n");
        EXPECT_EQ(ArrowColumn(describe).batch(fill, 1).json(), "\"seven\"\nnull\n");
    }
}

TEST(TestArrowNestedValues, Dictionaries) {
    ArrowColumn column([](ArrowSchema& schema) {
        check(ArrowSchemaSetType(&schema, NANOARROW_TYPE_INT8));
        check(ArrowSchemaAllocateDictionary(&schema));
        ArrowSchemaInit(schema.dictionary);
        check(ArrowSchemaSetType(schema.dictionary, NANOARROW_TYPE_STRING));
    });
    const auto fill = [](std::vector<std::int64_t> indices) {
        return [=](ArrowArray& array) {
            check(ArrowArrayAppendString(array.dictionary, ArrowCharView("red")));
            check(ArrowArrayAppendNull(array.dictionary, 1));
            for (const std::int64_t index : indices) {
                check(ArrowArrayAppendInt(&array, index));
            }
            check(ArrowArrayAppendNull(&array, 1));
        };
    };
    column.batch(fill({0, 1, 0})).batch(fill({1, 0}), 1);
    EXPECT_EQ(column.json(), "\"red\"\nnull\n\"red\"\nnull\n\"red\"\nnull\n");
}

TEST(TestArrowNestedValues, ADictionaryWithoutTheValueIsAnError) {
    ArrowColumn column([](ArrowSchema& schema) {
        check(ArrowSchemaSetType(&schema, NANOARROW_TYPE_INT8));
        check(ArrowSchemaAllocateDictionary(&schema));
        ArrowSchemaInit(schema.dictionary);
        check(ArrowSchemaSetType(schema.dictionary, NANOARROW_TYPE_STRING));
    });
    column.batch([](ArrowArray& array) { check(ArrowArrayAppendInt(&array, 3)); });
    try {
        column.json();
        FAIL() << "nothing was thrown";
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_THAT(error.what(), HasSubstr("a dictionary of 0 values has no value 3"));
    }
}

TEST(TestArrowNestedValues, RunEndEncoded) {
    const auto describe = [](ArrowSchema& schema) {
        check(ArrowSchemaSetTypeRunEndEncoded(&schema, NANOARROW_TYPE_INT32));
        check(ArrowSchemaSetType(schema.children[1], NANOARROW_TYPE_STRING));
    };
    const auto fill = [](ArrowArray& array) {
        check(ArrowArrayAppendInt(array.children[0], 2));
        check(ArrowArrayAppendString(array.children[1], ArrowCharView("a")));
        check(ArrowArrayAppendInt(array.children[0], 3));
        check(ArrowArrayAppendNull(array.children[1], 1));
        check(ArrowArrayAppendInt(array.children[0], 5));
        check(ArrowArrayAppendString(array.children[1], ArrowCharView("b")));
        array.length = 5;
    };
    EXPECT_EQ(ArrowColumn(describe).batch(fill).json(), "\"a\"\n\"a\"\nnull\n\"b\"\n\"b\"\n");
    EXPECT_EQ(ArrowColumn(describe).batch(fill, 1).json(), "\"a\"\nnull\n\"b\"\n\"b\"\n");
    EXPECT_EQ(ArrowColumn(describe).sliced_batch(fill, 3).json(), "\"b\"\n\"b\"\n");
}

TEST(TestArrowNestedValues, ListsOfRecordsInTheNotationOfTheTarget) {
    const auto describe = [](ArrowSchema& schema) {
        check(ArrowSchemaSetType(&schema, NANOARROW_TYPE_LIST));
        describe_record(*schema.children[0]);
        check(ArrowSchemaSetName(schema.children[0], "item"));
    };
    ArrowColumn column(describe);
    column.batch([](ArrowArray& list) {
        fill_records(*list.children[0]);
        check(ArrowArrayFinishElement(&list));
    });
    EXPECT_EQ(column.json("String"), R"("[{\"a\":0,\"b\":\"x\"},null,{\"a\":2,\"b\":\"y\"}]")"
                                     "\n");
}

}  // namespace
}  // namespace tinybird_cdk
