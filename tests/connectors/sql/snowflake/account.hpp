// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/value.hpp>

#include "connectors/snowflake/session.hpp"

namespace tinybird_cdk::testing {

/// The environment with the Snowflake that bin/test started or was told of, and with the Tinybird.
Environment snowflake_environment();

/// Nothing where the tests run against a real account (TB_CDK_TEST_SUITE_SF_ACCOUNT): what only the emulator has can't
/// be tested there. @throws std::runtime_error when there is neither
std::optional<std::string> emulator_url();

/// A schema under a name that nobody else uses; dropped with the object.
class Namespace {
public:
    Namespace();
    ~Namespace();
    Namespace(const Namespace&) = delete;
    Namespace& operator=(const Namespace&) = delete;

    [[nodiscard]] const std::string& database() const noexcept { return session_.settings().database; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] Parents table(const std::string& name) const {
        return {{"database", database()}, {"schema", name_}, {"table", name}};
    }
    /// Runs a statement; {s} in it stands for the schema.
    ResultSet execute(const std::string& sql);
    [[nodiscard]] std::string sql(std::string text) const;

private:
    snowflake::Session session_;
    const std::string name_;
};

/// What the emulator was asked whose text has this in it, in order: records of id, text, tag and status.
Value::List queries_with(const std::string& text);

}  // namespace tinybird_cdk::testing
