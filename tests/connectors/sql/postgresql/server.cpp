// SPDX-License-Identifier: Apache-2.0
#include "connectors/sql/postgresql/server.hpp"

#include <cstdlib>
#include <stdexcept>

#include <tinybird_cdk/registry.hpp>

#include "core/ids.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk::testing {

PostgresqlSchema::PostgresqlSchema() : name_("t_" + core::random_hex(12)) {
    if (std::getenv("PGHOST") == nullptr) {
        throw std::runtime_error("PGHOST is not set: run through bin/test, which starts a PostgreSQL");
    }
    connection_.reset(PQconnectdb(""));
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
        throw std::runtime_error(PQerrorMessage(connection_.get()));
    }
    run("SET client_min_messages = warning; SET TimeZone = 'UTC'; CREATE SCHEMA " + name_ +
        "; SET search_path = " + name_);
}

PostgresqlSchema::~PostgresqlSchema() {
    PQclear(PQexec(connection_.get(), ("DROP SCHEMA " + name_ + " CASCADE").c_str()));
}

std::vector<std::vector<std::string>> PostgresqlSchema::run(const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), sql.c_str()), PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        throw std::runtime_error(PQerrorMessage(connection_.get()));
    }
    std::vector<std::vector<std::string>> rows;
    for (int i = 0; i < PQntuples(result.get()); ++i) {
        std::vector<std::string> row;
        for (int j = 0; j < PQnfields(result.get()); ++j) {
            row.emplace_back(PQgetisnull(result.get(), i, j) != 0 ? "<null>" : PQgetvalue(result.get(), i, j));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::unique_ptr<SqlConnector> PostgresqlSchema::connector() {
    return sql_connector_for("postgresql", tinybird_environment());
}

}  // namespace tinybird_cdk::testing
