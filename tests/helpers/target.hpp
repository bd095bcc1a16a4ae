// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/schema.hpp>
#include <tinybird_cdk/tinybird.hpp>

namespace tinybird_cdk::testing {

/// The environment with the Tinybird that bin/test started. @throws std::runtime_error when there is none: a test
/// that needs it fails, it is not skipped
Environment tinybird_environment();

/// A data source of this schema under a name that nobody else uses; dropped with the object.
class Target {
public:
    explicit Target(const schema::Schema& schema);
    ~Target();
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// SELECT `expressions` FROM this data source, then `rest`.
    ResultSet query(std::string_view expressions, std::string_view rest = {});
    /// The first value of such a query, as text.
    std::string text(std::string_view expression, std::string_view rest = {});

private:
    tinybird::Client client_;
    std::string name_;
};

}  // namespace tinybird_cdk::testing
