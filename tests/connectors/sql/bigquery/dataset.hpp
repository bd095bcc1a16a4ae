// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/rest.hpp>

namespace tinybird_cdk::testing {

/// The environment with the BigQuery that bin/test started, and with the Tinybird.
Environment bigquery_environment();

/// A dataset under a name that nobody else uses; deleted with the object.
class Dataset {
public:
    Dataset();
    ~Dataset();
    Dataset(const Dataset&) = delete;
    Dataset& operator=(const Dataset&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& project() const noexcept { return project_; }
    /// Runs a statement; {d} in it stands for the dataset. @throws std::runtime_error with the server's text
    void execute(const std::string& sql);
    [[nodiscard]] std::string sql(std::string text) const;
    /// The jobs that this project has had, newest first, as the API lists them.
    Value::List jobs();

private:
    rest::Answer send(const std::string& method, const std::string& path, const std::string& body = {});

    const std::string endpoint_;
    const std::string project_;
    const std::string name_;
    rest::Client client_{"BigQuery"};
};

}  // namespace tinybird_cdk::testing
