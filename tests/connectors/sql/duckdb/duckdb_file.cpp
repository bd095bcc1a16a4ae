// SPDX-License-Identifier: Apache-2.0
#include "connectors/sql/duckdb/duckdb_file.hpp"

#include <stdlib.h>  // mkdtemp is POSIX

#include <stdexcept>
#include <system_error>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/registry.hpp>

#include "helpers/target.hpp"

namespace tinybird_cdk::testing {

namespace {

std::filesystem::path new_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "tinybird_cdk_duckdb_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("no temporary directory can be made");
    }
    return name;
}

}  // namespace

DuckdbFile::DuckdbFile() : directory_(new_directory()) {}

DuckdbFile::~DuckdbFile() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

void DuckdbFile::execute(const std::string& sql) {
    adbc::Source source;
    source.driver = DUCKDB_OF_CHECKOUT;
    source.entrypoint = "duckdb_adbc_init";
    source.database = {{"path", path().string()}};
    adbc::Connection(source, Environment::of({})).execute(sql);
}

Environment DuckdbFile::environment(const Environment& environment) const {
    return environment.with("DUCKDB_DATABASE", path().string());
}

std::unique_ptr<SqlConnector> DuckdbFile::connector() const {
    return sql_connector_for("duckdb", environment(tinybird_environment()));
}

}  // namespace tinybird_cdk::testing
