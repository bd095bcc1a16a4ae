// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/connector.hpp>

namespace tinybird_cdk::testing {

/// A DuckDB file in a directory of its own; both go with the object.
class DuckdbFile {
public:
    DuckdbFile();
    ~DuckdbFile();
    DuckdbFile(const DuckdbFile&) = delete;
    DuckdbFile& operator=(const DuckdbFile&) = delete;

    /// Runs one statement that may write, and closes the file.
    void execute(const std::string& sql);

    [[nodiscard]] std::filesystem::path path() const { return directory_ / "test.duckdb"; }
    /// `environment` with DUCKDB_DATABASE set to this file.
    [[nodiscard]] Environment environment(const Environment& environment = Environment::of({})) const;
    /// A connector to the file, with the Tinybird that bin/test started.
    [[nodiscard]] std::unique_ptr<SqlConnector> connector() const;

private:
    std::filesystem::path directory_;
};

}  // namespace tinybird_cdk::testing
