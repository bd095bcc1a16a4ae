// SPDX-License-Identifier: Apache-2.0
#include "connectors/sql/mysql/server.hpp"

#include <cstdlib>
#include <stdexcept>

#include <tinybird_cdk/registry.hpp>

#include "core/ids.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk::testing {

MysqlDatabase::MysqlDatabase() : session_(mysql_init(nullptr)), name_("t_" + core::random_hex(12)) {
    const char* const host = std::getenv("MYSQL_HOST");
    const char* const port = std::getenv("MYSQL_TCP_PORT");
    if (host == nullptr || port == nullptr) {
        throw std::runtime_error("MYSQL_HOST is not set: run through bin/test, which starts a MariaDB");
    }
    mysql_optionsv(session_.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(session_.get(), host, std::getenv("MYSQL_USER"), std::getenv("MYSQL_PWD"), nullptr,
                           static_cast<unsigned int>(std::atoi(port)), nullptr, CLIENT_MULTI_STATEMENTS) == nullptr) {
        throw std::runtime_error(mysql_error(session_.get()));
    }
    // Values that a strict session would refuse are what the tests are about.
    run("SET time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES'; CREATE DATABASE " + name_ +
        " CHARACTER SET utf8mb4; USE " + name_);
}

MysqlDatabase::~MysqlDatabase() {
    mysql_query(session_.get(), ("DROP DATABASE " + name_).c_str());
}

std::vector<std::vector<std::string>> MysqlDatabase::run(const std::string& sql) {
    std::vector<std::vector<std::string>> rows;
    int more = mysql_real_query(session_.get(), sql.data(), static_cast<unsigned long>(sql.size()));
    for (; more == 0; more = mysql_next_result(session_.get())) {
        rows.clear();
        const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_store_result(session_.get()),
                                                                              mysql_free_result);
        while (const MYSQL_ROW row = result ? mysql_fetch_row(result.get()) : nullptr) {
            const unsigned long* const lengths = mysql_fetch_lengths(result.get());
            std::vector<std::string>& values = rows.emplace_back();
            for (unsigned int i = 0; i < mysql_num_fields(result.get()); ++i) {
                values.push_back(row[i] == nullptr ? "<null>" : std::string(row[i], lengths[i]));
            }
        }
    }
    if (mysql_errno(session_.get()) != 0) {
        throw std::runtime_error(mysql_error(session_.get()));
    }
    return rows;
}

Environment MysqlDatabase::environment() const {
    return Environment::process().with("MYSQL_DATABASE", name_);
}

std::unique_ptr<SqlConnector> MysqlDatabase::connector() const {
    return sql_connector_for("mysql", tinybird_environment().with("MYSQL_DATABASE", name_));
}

}  // namespace tinybird_cdk::testing
