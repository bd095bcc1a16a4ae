// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/google.hpp>
#include <tinybird_cdk/rest.hpp>

namespace tinybird_cdk::testing {

/// True when TB_CDK_TEST_SUITE_GOOGLE_APPLICATION_CREDENTIALS names credentials: tests run on Google's service then.
/// Else they run on the emulator that bin/test started.
bool on_google();

/// The environment with BigQuery, and with the Tinybird that bin/test started. On Google's service
/// TB_CDK_TEST_SUITE_BIGQUERY_PROJECT and TB_CDK_TEST_SUITE_BIGQUERY_LOCATION may say what the credentials don't.
Environment bigquery_environment();

/// Calls of the REST API, in the project of the tests.
class Project {
public:
    Project();

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Runs a statement. @return its rows, as the API gives them @throws std::runtime_error with the server's text
    Value::List query(const std::string& sql);
    /// @param path below the project
    rest::Answer send(const std::string& method, const std::string& path, const std::string& body = {});

private:
    std::string endpoint_;
    std::string name_;
    std::optional<google::Credentials> credentials_;
    rest::Client client_{"BigQuery"};
};

/// A dataset under a name that nobody else uses; deleted with the object.
class Dataset {
public:
    Dataset();
    ~Dataset();
    Dataset(const Dataset&) = delete;
    Dataset& operator=(const Dataset&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& project() const noexcept { return project_.name(); }
    /// Runs a statement; {d} in it stands for the dataset. @throws std::runtime_error with the server's text
    void execute(const std::string& sql);
    [[nodiscard]] std::string sql(std::string text) const;
    /// The jobs that this project has had, newest first, as the API lists them.
    Value::List jobs();

private:
    Project project_;
    const std::string name_;
};

}  // namespace tinybird_cdk::testing
