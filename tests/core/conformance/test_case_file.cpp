// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/conformance/case_file.hpp>

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

namespace tinybird_cdk::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* source = R"([source]
connector = adbc
client = cat
)";

std::string refusal(const std::string& text) {
    try {
        CaseFile(text, "some.cases", Environment::of({}));
    } catch (const errors::InvalidArgument& error) {
        return error.what();
    }
    return "nothing was thrown";
}

TEST(TestCaseFile, IsReadIntoASubject) {
    CaseFile file(std::string(source) + R"(
# A comment.
variable = SOME_FILE={directory}/some.db
variable = GIVEN=default
scope = schema={namespace}
scope = table={table}
quote = `
source_text = {v}::text
host_variable = HOST
port_variable = PORT
format = csv
most_columns = 7

[type decimal]
type = numeric(10, 2)
value = 1.10
value = '= [x] #'
refused = 1e100
target = Decimal(10, 2)
suggest = no
set_up = CREATE TYPE x

[fault port]
PORT = {closed_port}
says = refused

[skip]
snapshot = no transactions
)",
                  "some.cases", Environment::of({{"GIVEN", "by the environment"}}));
    const Subject& subject = file.subject();
    EXPECT_EQ(subject.name, "adbc");
    EXPECT_THAT(subject.secret_variables, ::testing::Contains("TB_CDK_ADBC_URI"));
    EXPECT_EQ(subject.environment.get("GIVEN"), "by the environment");
    const std::filesystem::path made = subject.environment.get("SOME_FILE").value();
    EXPECT_TRUE(std::filesystem::is_directory(made.parent_path()));
    EXPECT_EQ(subject.dialect.quote, "`");
    EXPECT_EQ(subject.dialect.scopes, (Parents{{"schema", "{namespace}"}, {"table", "{table}"}}));
    EXPECT_EQ(subject.dialect.most_columns, 7U);
    EXPECT_THAT(subject.formats, ElementsAre(Format::csv));
    ASSERT_TRUE(subject.network);
    EXPECT_EQ(subject.network->port_variable, "PORT");
    ASSERT_EQ(subject.types.size(), 1U);
    EXPECT_THAT(subject.types[0].values, ElementsAre("1.10", "'= [x] #'"));
    EXPECT_THAT(subject.types[0].refused, ElementsAre("1e100"));
    EXPECT_EQ(subject.types[0].source_text, "{v}::text");
    EXPECT_FALSE(subject.types[0].suggest);
    ASSERT_EQ(subject.faults.size(), 1U);
    EXPECT_EQ(subject.faults[0].says, "refused");
    EXPECT_EQ(subject.skips.at("snapshot"), "no transactions");
}

TEST(TestCaseFile, TheDirectoryGoesWithTheObject) {
    std::filesystem::path made;
    {
        CaseFile file(std::string(source) + "variable = SOME_FILE={directory}/some.db\n", "some.cases",
                      Environment::of({}));
        made = std::filesystem::path(file.subject().environment.get("SOME_FILE").value()).parent_path();
    }
    EXPECT_FALSE(std::filesystem::exists(made));
}

TEST(TestCaseFile, WhatCannotBeUnderstoodIsNamedWithItsLine) {
    EXPECT_THAT(refusal("connector = x\n"), HasSubstr("some.cases:1: lines belong to a section"));
    EXPECT_THAT(refusal("[source\n"), HasSubstr("some.cases:1: a section ends with a bracket"));
    EXPECT_THAT(refusal("\n[what]\n"), HasSubstr("some.cases:2: sections are"));
    EXPECT_THAT(refusal("[source]\nconector = adbc\n"), HasSubstr("some.cases:2: [source] has no \"conector = adbc\""));
    EXPECT_THAT(refusal("[source]\njust words\n"), HasSubstr("some.cases:2: a line is"));
    EXPECT_THAT(refusal("[source]\nclient = cat\n"), HasSubstr("names no connector"));
    EXPECT_THAT(refusal("[source]\nconnector = adbc\n"), HasSubstr("either a client or an adbc_driver"));
    EXPECT_THAT(refusal("[source]\nmost_columns = 1x\n"), HasSubstr("some.cases:2: most_columns is a number"));
    const std::string start = source;
    EXPECT_THAT(refusal(start + "[type Big]\n"), HasSubstr("some.cases:4: the name of a type"));
    EXPECT_THAT(refusal(start + "[type x]\ntype = int\n"), HasSubstr("some.cases:4: a type has at least one value"));
    EXPECT_THAT(refusal(start + "[type x]\nvalue = 1\ntarget = Array(Int8\n"), HasSubstr("some.cases:4: "));
    EXPECT_THAT(refusal(start + "[fault host]\n"), HasSubstr("some.cases:4: a fault has a name"));
    EXPECT_THAT(refusal(start + "[skip]\nsnapshot =\n"), HasSubstr("some.cases:5: say why snapshot is skipped"));
    EXPECT_THAT(refusal(start + "variable = X\n"), HasSubstr("some.cases:4: variable is NAME=VALUE"));
}

TEST(TestCaseFile, AnUnknownConnectorIsRefusedWithThoseThatThereAre) {
    EXPECT_THROW(CaseFile("[source]\nconnector = no_such\nclient = cat\n", "some.cases", Environment::of({})),
                 errors::UnknownConnectorError);
}

TEST(TestCaseFile, StatementsRunThroughTheClient) {
    CaseFile file("[source]\nconnector = adbc\nclient = tr -d ';'; test \"$MODE\" != bad\nsession = begin\n",
                  "some.cases", Environment::process().with("MODE", "good"));
    EXPECT_THAT(file.subject().statements->column("one"), ElementsAre("begin", "one"));
    CaseFile bad("[source]\nconnector = adbc\nclient = echo no such thing >&2; exit 3\n", "some.cases",
                 Environment::process());
    try {
        bad.subject().statements->execute({"anything"});
        FAIL() << "nothing was thrown";
    } catch (const errors::Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("no such thing"));
    }
}

TEST(TestCaseFile, EverySqlConnectorBringsCasesAlong) {
    for (const ConnectorSpec* spec : connectors()) {
        EXPECT_EQ(built_in_cases(spec->name).has_value(), spec->kind == ConnectorKind::sql) << spec->name;
    }
    EXPECT_FALSE(built_in_cases("no_such"));
}

}  // namespace
}  // namespace tinybird_cdk::conformance
