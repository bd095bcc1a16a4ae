// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mysql.h>

#include <tinybird_cdk/connector.hpp>

namespace tinybird_cdk::testing {

/// A database of a test's own in the MariaDB that bin/test started; dropped with the object.
class MysqlDatabase {
public:
    /// @throws std::runtime_error when there is no server: a test that needs it fails, it is not skipped
    MysqlDatabase();
    ~MysqlDatabase();
    MysqlDatabase(const MysqlDatabase&) = delete;
    MysqlDatabase& operator=(const MysqlDatabase&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Runs statements with a semicolon between them; tables without a database are in this one.
    /// @return the rows of the last, "<null>" for NULL
    std::vector<std::vector<std::string>> run(const std::string& sql);
    /// The first value of such a query.
    std::string text(const std::string& sql) { return run(sql).at(0).at(0); }

    /// The process' environment, with this database.
    [[nodiscard]] Environment environment() const;
    /// A connector to this database, with the Tinybird that bin/test started.
    [[nodiscard]] std::unique_ptr<SqlConnector> connector() const;

private:
    struct Close {
        void operator()(MYSQL* session) const noexcept { mysql_close(session); }
    };
    std::unique_ptr<MYSQL, Close> session_;
    std::string name_;
};

}  // namespace tinybird_cdk::testing
