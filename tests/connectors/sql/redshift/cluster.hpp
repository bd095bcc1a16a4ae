// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/config.hpp>

namespace tinybird_cdk::testing {

/// A schema of the Redshift that bin/test started, and a folder of its bucket, which nobody else uses.
class Cluster {
public:
    Cluster();
    ~Cluster();
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    /// With the folder of the bucket, and with the Tinybird.
    [[nodiscard]] const Environment& environment() const noexcept { return environment_; }
    [[nodiscard]] const std::string& schema() const noexcept { return schema_; }
    [[nodiscard]] const std::string& database() const noexcept { return database_; }
    /// Runs a statement; {s} in it stands for the schema.
    void execute(const std::string& text) { connection_.execute(sql(text)); }
    [[nodiscard]] std::string sql(std::string text) const;
    /// The first value of the first row, as text.
    std::string value(const std::string& text);
    /// Descriptors of this process's connections to it, but for the cluster's own.
    [[nodiscard]] std::vector<int> sockets() const;
    /// What is in the folder.
    [[nodiscard]] std::vector<cloud::Object> objects() const;

private:
    Environment environment_;
    std::string schema_;
    std::string database_;
    std::string folder_;
    adbc::Connection connection_;
    std::vector<int> own_sockets_;
};

}  // namespace tinybird_cdk::testing
