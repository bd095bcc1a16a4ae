// SPDX-License-Identifier: Apache-2.0
/// What is read out of Tinybird's answers, also out of odd ones.
#include "tinybird/answers.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::tinybird {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Response import_of(const char* json) {
    Response response;
    read_import_fields(Value::from_json(json), response);
    return response;
}

TEST(TestErrorText, TakesWhatThereIs) {
    EXPECT_EQ(error_text(R"({"error":"no"})"), "no");
    EXPECT_EQ(error_text(R"({"error":"no","errors":["a","b"]})"), "no; a; b");
    EXPECT_EQ(error_text(R"({"error":false,"errors":["a"]})"), "a");
    EXPECT_EQ(error_text(R"({"errors":[{"code":7}]})"), R"({"code":7})");
    EXPECT_EQ(error_text(" plain\r\ntext\n"), "plain  text");
    EXPECT_EQ(error_text(""), "");
    // Another JSON is shown as it is: it may say more than nothing.
    for (const char* other : {R"({"error":{"text":"no"}})", R"({"message":"no"})", R"(["no"])", "null", "{", "[[[["}) {
        EXPECT_EQ(error_text(other), other);
    }
}

TEST(TestErrorText, IsShort) {
    EXPECT_THAT(error_text(std::string(1'000'000, 'x')), SizeIs(500));
    std::string list = R"({"errors":["0")";
    for (int i = 1; i < 1000; ++i) {
        list += ",\"" + std::to_string(i) + '"';
    }
    EXPECT_EQ(error_text(list + "]}"), "0; 1; 2; 3; 4; 5; 6; 7; 8; 9");
}

TEST(TestErrorText, HasNoSecretsAndNoPartsOfThem) {
    const std::string secret = "p.the-secret-of-test-answers";
    logger::remember_secret(secret);
    for (std::size_t before = 460; before < 510; ++before) {
        const std::string text = error_text(std::string(before, '.') + secret + "behind it");
        EXPECT_THAT(text, Not(HasSubstr("p.the"))) << before;
    }
}

TEST(TestErrorText, SurvivesDeepAndEndlessDocuments) {
    for (const std::string& opening : {std::string("["), std::string("{\"error\":")}) {
        std::string deep;
        for (int i = 0; i < 200'000; ++i) {
            deep += opening;
        }
        EXPECT_THAT(error_text(deep), SizeIs(::testing::Le(500U)));
        EXPECT_FALSE(object_of(deep));
    }
    EXPECT_FALSE(object_of(std::string(200'000, '[') + std::string(200'000, ']')));
}

TEST(TestImportFields, AreSummedOverBlocks) {
    const Response response = import_of(
        R"({"import_id":"i","id":"j","blocks":[{"process_return":[{"lines":2,"quarantine":1},{"lines":3}]},
            {"process_return":[{"lines":4,"quarantine":2}]}],"quarantine_rows":99,"invalid_lines":5})");
    EXPECT_EQ(response.import_id, "i");
    EXPECT_EQ(response.job_id, "j");
    EXPECT_EQ(response.rows, 9U);
    EXPECT_EQ(response.quarantined, 3U) << "the blocks are this import's, quarantine_rows the table's";
    EXPECT_EQ(response.invalid_lines, 5U);
}

TEST(TestImportFields, OddOnesAreNoError) {
    for (const char* json :
         {"{}", R"({"blocks":null})", R"({"blocks":{}})", R"({"blocks":[1,null,"x",{}]})",
          R"({"blocks":[{"process_return":{}}]})",
          R"({"blocks":[{"process_return":[null,{"lines":-1},{"lines":"2"}]}]})",
          R"({"blocks":[{"process_return":[{"lines":1.5}]}],"quarantine_rows":null,"invalid_lines":"many"})",
          R"({"id":7,"job_id":null,"import_id":[],"errors":"x","error":false})"}) {
        const Response response = import_of(json);
        EXPECT_FALSE(response.rows) << json;
        EXPECT_FALSE(response.quarantined) << json;
        EXPECT_FALSE(response.invalid_lines) << json;
        EXPECT_EQ(response.job_id, "") << json;
        EXPECT_THAT(response.errors, IsEmpty()) << json;
    }
}

TEST(TestImportFields, AnErrorThatOnlySaysYesIsAnError) {
    EXPECT_THAT(import_of(R"({"error":true})").errors, SizeIs(1));
    EXPECT_THAT(import_of(R"({"error":true,"errors":["line 3"]})").errors, ElementsAre("line 3"));
    EXPECT_THAT(import_of(R"({"error":"half of it"})").errors, ElementsAre("half of it"));
    EXPECT_THAT(import_of(R"({"error":""})").errors, IsEmpty());
}

TEST(TestReadJob, TakesWhatThereIs) {
    const Job job = read_job(Value::from_json(R"({"id":"a","job_id":"b","status":"working","progress_percentage":"42.5",
                                                 "error":"x\ny"})"));
    EXPECT_EQ(job.id, "b");
    EXPECT_EQ(job.progress, 0.425);
    EXPECT_EQ(job.error, "x y");
    EXPECT_FALSE(job.ended());
    for (const char* odd : {"{}", "[]", "null", "7", R"({"id":7,"status":[],"progress_percentage":{}})"}) {
        const Job nothing = read_job(Value::from_json(odd));
        EXPECT_EQ(nothing.status, "") << odd;
        EXPECT_FALSE(nothing.progress) << odd;
        EXPECT_FALSE(nothing.ended()) << odd;
    }
    EXPECT_EQ(read_job(Value::from_json(R"({"progress_percentage":250})")).progress, 1.0);
}

TEST(TestReadDataSource, TakesBothFormsOfAColumn) {
    const DataSource source = read_data_source(Value::from_json(
        R"x({"id":"t","name":"n","columns":[{"name":"a","type":"Nullable(Int32)","nullable":true},
             {"name":"b","type":"Int32","nullable":true,"jsonpath":"json:$.b","default_value":"default 7"},{}],
             "engine":{"sorting_key":"a","partition_key":"b"},"statistics":{"row_count":-1,"bytes":"x"}})x"));
    ASSERT_THAT(source.columns, SizeIs(3));
    EXPECT_EQ(source.columns[0].type.to_string(), "Nullable(Int32)");
    EXPECT_EQ(source.columns[1].type.to_string(), "Nullable(Int32)");
    EXPECT_EQ(source.columns[1].jsonpath, "$.b");
    EXPECT_EQ(source.columns[1].default_expr, "7");
    EXPECT_EQ(source.sorting_key, "a");
    EXPECT_EQ(source.partition_key, "b");
    EXPECT_FALSE(source.rows);
    EXPECT_FALSE(source.bytes);
    for (const char* odd : {"{}", "[]", "null", R"({"columns":[null,7,[]],"engine":"MergeTree","statistics":[]})"}) {
        EXPECT_EQ(read_data_source(Value::from_json(odd)).name, "") << odd;
    }
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
