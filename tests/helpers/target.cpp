// SPDX-License-Identifier: Apache-2.0
#include "helpers/target.hpp"

#include <random>
#include <stdexcept>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::testing {

Environment tinybird_environment() {
    const Environment environment = Environment::process();
    for (const char* variable : {"TB_CDK_ENDPOINT", "TB_CDK_TOKEN", "TB_CDK_TAG"}) {
        if (environment.get(variable).value_or("").empty()) {
            throw std::runtime_error(fmt::format("{} is unset: run through bin/test", variable));
        }
    }
    return environment;
}

Target::Target(const schema::Schema& schema)
    : client_(config::tinybird(tinybird_environment())),
      // Tests run side by side against one server.
      name_(fmt::format("test_{:08x}{:08x}", std::random_device{}(), std::random_device{}())) {
    client_.create_data_source(name_, schema);
}

Target::~Target() {
    try {
        client_.drop_data_source(name_);
    } catch (const errors::Error&) {
        // The server goes away with the test run, and the name is nobody else's.
    }
}

ResultSet Target::query(std::string_view expressions, std::string_view rest) {
    return client_.query(fmt::format("SELECT {} FROM {} {}", expressions, name_, rest));
}

std::string Target::text(std::string_view expression, std::string_view rest) {
    return scalar(query(expression, rest)).to_text();
}

}  // namespace tinybird_cdk::testing
