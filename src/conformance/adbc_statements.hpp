// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/conformance/subject.hpp>

namespace tinybird_cdk::conformance {

/// Runs statements through an ADBC driver, on a new connection each time.
class AdbcStatements final : public Statements {
public:
    AdbcStatements(adbc::Source source, Environment environment)
        : source_(std::move(source)), environment_(std::move(environment)) {}

    void execute(const std::vector<std::string>& statements) override;
    std::vector<std::string> column(const std::string& query) override;

private:
    const adbc::Source source_;
    const Environment environment_;
};

}  // namespace tinybird_cdk::conformance
