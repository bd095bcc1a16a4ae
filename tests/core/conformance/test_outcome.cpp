// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/conformance/outcome.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/value.hpp>

namespace tinybird_cdk::conformance {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Report report() {
    Report report("some");
    report.add({"scopes", "names", {}, Passed{}});
    report.add({"types", "integer", Format::csv, Passed{}});
    report.add({"types", "integer", Format::ndjson, Failed{"the value 1", "1", "2"}});
    report.add({"cut_wire", "", Format::csv, Skipped("there is no wire")});
    return report;
}

TEST(TestOutcome, ASkipNeedsAReason) {
    EXPECT_THROW(Skipped(""), errors::InvalidArgument);
    EXPECT_THROW(Skipped(" \n"), errors::InvalidArgument);
    EXPECT_EQ(Skipped("why").reason(), "why");
}

TEST(TestOutcome, OutcomesAreCounted) {
    EXPECT_EQ(report().passed(), 2U);
    EXPECT_EQ(report().failed(), 1U);
    EXPECT_EQ(report().skipped(), 1U);
}

TEST(TestOutcome, TheTextHasALinePerCaseAndAColumnPerFormat) {
    EXPECT_EQ(report().to_text(),
              "check                   csv      ndjson\n"
              "scopes: names   passed\n"
              "types: integer          passed   FAILED\n"
              "cut_wire                skipped  -\n"
              "\n"
              "FAILED  types: integer (ndjson): the value 1\n"
              "        expected 1\n"
              "        got      2\n"
              "skipped cut_wire (csv): there is no wire\n"
              "some: 2 passed, 1 failed, 1 skipped\n");
}

TEST(TestOutcome, MarkdownEscapesWhatEndsACell) {
    Report odd("some");
    odd.add({"types", "a|b", Format::csv, Passed{}});
    EXPECT_THAT(odd.to_markdown(), HasSubstr("| types: a\\|b |  | passed |"));
}

TEST(TestOutcome, JsonHasEverything) {
    const Value json = Value::from_json(report().to_json());
    EXPECT_EQ(json.at("failed").to_text(), "1");
    const auto& results = std::get<Value::List>(json.at("results").variant());
    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(results[2].at("got").to_text(), "2");
    EXPECT_EQ(results[2].at("format").to_text(), "ndjson");
    EXPECT_EQ(results[3].at("reason").to_text(), "there is no wire");
    EXPECT_TRUE(results[0].at("format").is_null());
}

TEST(TestOutcome, KnownSecretsAreMasked) {
    logger::remember_secret("a-known-secret");
    Report leaking("some");
    leaking.add({"secrets", "", {}, Failed{"a message", "no secret", "it was a-known-secret"}});
    EXPECT_THAT(leaking.to_text() + leaking.to_json() + leaking.to_markdown(), Not(HasSubstr("a-known-secret")));
}

}  // namespace
}  // namespace tinybird_cdk::conformance
