// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include <tinybird_cdk/connector.hpp>

namespace tinybird_cdk::testing {

/// A schema of a test's own in the PostgreSQL that bin/test started; dropped with the object.
class PostgresqlSchema {
public:
    /// @throws std::runtime_error when there is no server: a test that needs it fails, it is not skipped
    PostgresqlSchema();
    ~PostgresqlSchema();
    PostgresqlSchema(const PostgresqlSchema&) = delete;
    PostgresqlSchema& operator=(const PostgresqlSchema&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Runs statements; tables without a schema are in this one. @return the rows of the last, "<null>" for NULL
    std::vector<std::vector<std::string>> run(const std::string& sql);
    /// The first value of such a query.
    std::string text(const std::string& sql) { return run(sql).at(0).at(0); }

    /// A connector to the server, with the Tinybird that bin/test started.
    [[nodiscard]] static std::unique_ptr<SqlConnector> connector();

private:
    struct Finish {
        void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    };
    std::unique_ptr<PGconn, Finish> connection_;
    std::string name_;
};

}  // namespace tinybird_cdk::testing
