// SPDX-License-Identifier: Apache-2.0
//
// The suite that every SQL connector passes, one test per check. What only the emulator can't do is skipped here, with
// the reason; on Google's service (TB_CDK_TEST_SUITE_GOOGLE_APPLICATION_CREDENTIALS) the case file alone says what is
// skipped.
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tinybird_cdk/conformance/case_file.hpp>
#include <tinybird_cdk/conformance/suite.hpp>

#include "dataset.hpp"
#include "helpers/conformance.hpp"

namespace tinybird_cdk {
namespace {

using testing::Project;

/// Google's own client is not needed where the REST API is at hand.
class RestStatements final : public conformance::Statements {
public:
    void execute(const std::vector<std::string>& statements) override {
        for (std::string statement : statements) {
            // BigQuery has primary keys only as a promise.
            const std::string key = "PRIMARY KEY";
            if (const std::size_t at = statement.find(key); at != std::string::npos) {
                statement.insert(at + key.size(), " NOT ENFORCED");
            }
            // An UPDATE of all rows must say so.
            if (statement.starts_with("UPDATE") && statement.find("WHERE") == std::string::npos) {
                statement += " WHERE TRUE";
            }
            project_.query(statement);
        }
    }
    std::vector<std::string> column(const std::string& query) override {
        std::vector<std::string> values;
        for (const Value& row : project_.query(query)) {
            const Value* const cells = rest::field_at(row, {"f"});
            values.push_back(rest::text_at(std::get<Value::List>(cells->variant()).at(0), {"v"}));
        }
        return values;
    }

private:
    Project project_;
};

class TestBigQueryConformance : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Checks, TestBigQueryConformance, ::testing::ValuesIn(testing::conformance_checks()),
                         [](const auto& check) { return check.param; });

TEST_P(TestBigQueryConformance, Passes) {
    const auto text = conformance::built_in_cases("bigquery");
    ASSERT_TRUE(text);
    conformance::CaseFile cases(*text, "bigquery/conformance.cases", testing::bigquery_environment());
    conformance::Subject& subject = cases.subject();
    subject.statements = std::make_shared<RestStatements>();
    subject.dialect.scopes["project"] = Project().name();
    if (!testing::on_google()) {
        // DuckDB, which the emulator is made of, takes the hexadecimal digits of a text without a detour.
        subject.dialect.hex = "TO_HEX({text})";
        for (const char* const check : {"types", "suggested", "refused"}) {
            subject.skips[check + std::string("/bignumeric")] = "the emulator's BIGNUMERIC has 38 digits";
        }
    }
    conformance::Options options;
    options.only = {GetParam()};
    // The emulator is no fast one.
    options.large_bytes = 3'000'000;
    options.long_text_bytes = 8'000'000;
    const conformance::Report report = conformance::run(subject, options);
    EXPECT_FALSE(report.results().empty());
    EXPECT_EQ(report.failed(), 0U) << report.to_text();
}

}  // namespace
}  // namespace tinybird_cdk
