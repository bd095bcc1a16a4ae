// SPDX-License-Identifier: Apache-2.0
#include "account.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/rest.hpp>

#include "core/ids.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk::testing {

Environment snowflake_environment() {
    Environment environment = tinybird_environment();
    constexpr std::array variables{"SF_ACCOUNT", "SF_USER",      "SF_PWD",      "SF_PRIVATE_KEY_FILE",
                                   "SF_PAT",     "SF_WAREHOUSE", "SF_DATABASE", "SF_SCHEMA",
                                   "SF_ROLE",    "SF_HOST",      "SF_PORT",     "SF_PROTOCOL"};
    for (const char* const variable : variables) {
        if (const auto value = Environment::process().get(variable)) {
            environment = environment.with(variable, *value);
        }
    }
    // The credentials for the stage of a real account. The emulator's buckets need none.
    if (!emulator_url()) {
        for (const char* const variable :
             {"GOOGLE_APPLICATION_CREDENTIALS", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
              "AWS_REGION", "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY"}) {
            if (const auto value = Environment::process().get(variable)) {
                environment = environment.with(variable, *value);
            }
        }
    }
    if (environment.get("SF_ACCOUNT").value_or("").empty()) {
        throw std::runtime_error("SF_ACCOUNT is not set: run this by bin/test");
    }
    return environment;
}

std::optional<std::string> emulator_url() {
    const Environment process = Environment::process();
    const auto url = process.get("CDK_TEST_SNOWFLAKE");
    if (!url && process.get("TB_CDK_TEST_SUITE_SF_ACCOUNT").value_or("").empty()) {
        throw std::runtime_error("CDK_TEST_SNOWFLAKE is not set: run this by bin/test");
    }
    return url;
}

namespace {

/// In capitals, as Snowflake keeps a name without quotes.
std::string unused_name() {
    std::string name = "S_" + core::random_hex(8);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return name;
}

}  // namespace

Namespace::Namespace() : session_(snowflake_environment()), name_(unused_name()) {
    execute("CREATE SCHEMA {s}");
}

Namespace::~Namespace() {
    try {
        execute("DROP SCHEMA {s} CASCADE");
    } catch (const errors::Error&) {  // NOLINT(bugprone-empty-catch): the server ends with the tests
    }
}

std::string Namespace::sql(std::string text) const {
    const std::string path = database() + "." + name_;
    for (std::size_t at = text.find("{s}"); at != std::string::npos; at = text.find("{s}", at)) {
        text.replace(at, 3, path);
    }
    return text;
}

ResultSet Namespace::execute(const std::string& text) {
    return session_.rows(sql(text), {});
}

Value::List queries_with(const std::string& text) {
    rest::Client client("Snowflake");
    const Value all = client.send({.method = "GET", .url = emulator_url().value() + "/tests/queries"}).json();
    Value::List found = std::get<Value::List>(all.variant());
    found.erase(
        std::remove_if(found.begin(), found.end(),
                       [&](const Value& one) { return one.at("text").to_text().find(text) == std::string::npos; }),
        found.end());
    return found;
}

}  // namespace tinybird_cdk::testing
