// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/registry.hpp>

#include <algorithm>
#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;

class Outside final : public StreamingConnector {
public:
    explicit Outside(const Environment& environment) : StreamingConnector(environment) {}

protected:
    void stream_(const std::string&, const std::string&, const std::stop_token&) override {}
};

constexpr std::array outside_options{ConfigOption{"OUTSIDE_PASSWORD", "", "the password", false, true}};

const ConnectorSpec outside_spec{.name = "outside",
                                 .summary = "made by somebody else",
                                 .kind = ConnectorKind::streaming,
                                 .options = outside_options,
                                 .documentation = "",
                                 .make = [](const Environment& environment) -> std::unique_ptr<Connector> {
                                     return std::make_unique<Outside>(environment);
                                 }};

TEST(TestRegistry, KnowsTheConnectorsOfTheBuild) {
    std::vector<std::string> names;
    for (const ConnectorSpec* spec : connectors()) {
        names.emplace_back(spec->name);
    }
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    EXPECT_THAT(names, ::testing::IsSupersetOf({"postgresql", "sqlite"}));
}

TEST(TestRegistry, AnUnknownNameListsTheKnownOnes) {
    try {
        connector_for("oracle9i");
        FAIL() << "nothing was thrown";
    } catch (const errors::UnknownConnectorError& error) {
        EXPECT_THAT(error.what(), HasSubstr("oracle9i"));
        EXPECT_THAT(error.hint(), HasSubstr("sqlite"));
    }
}

TEST(TestRegistry, AConnectorFromOutsideIsFoundByName) {
    register_connector(outside_spec);
    EXPECT_NE(connector_for("outside", Environment::of({})), nullptr);
    EXPECT_THROW(register_connector(outside_spec), errors::InvalidArgument);
    EXPECT_THROW(sql_connector_for("outside", Environment::of({})), errors::InvalidArgument);

    connector_for("outside", Environment::of({{"OUTSIDE_PASSWORD", "correct horse"}}));
    EXPECT_EQ(logger::mask("login with correct horse failed"), "login with *** failed");
}

TEST(TestRegistry, ASpecWithoutANameIsRefused) {
    ConnectorSpec empty;
    EXPECT_THROW(register_connector(empty), errors::InvalidArgument);
}

}  // namespace
}  // namespace tinybird_cdk
