// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>

#include <fmt/format.h>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/registry.hpp>

#include "catalog.hpp"
#include "connection.hpp"
#include "incremental.hpp"
#include "query_rows.hpp"
#include "sql_text.hpp"
#include "type_notes.hpp"

namespace tinybird_cdk::mysql {

namespace {

constexpr std::array options{
    ConfigOption{"MYSQL_HOST", "localhost", "host name or address; \"localhost\" is the Unix socket", false, false},
    ConfigOption{"MYSQL_TCP_PORT", "3306", "port", false, false},
    ConfigOption{"MYSQL_UNIX_PORT", "", "Unix socket, for MYSQL_HOST unset or \"localhost\"", false, false},
    ConfigOption{"MYSQL_DATABASE", "", "database in which tables without one are looked for", false, false},
    ConfigOption{"MYSQL_USER", "", "user", false, false},
    ConfigOption{"MYSQL_PWD", "", "password; an option file (section [client] of ~/.my.cnf) is safer", false, true},
    ConfigOption{"MYSQL_HOME", "", "folder of another option file, my.cnf", false, false},
    ConfigOption{"MYSQL_SSL_MODE", "PREFERRED", "TLS: DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY", false,
                 false},
    ConfigOption{"MYSQL_SSL_CA", "", "file with the certificates that are trusted", false, false},
    ConfigOption{"MYSQL_SSL_CERT", "", "file with the client's certificate", false, false},
    ConfigOption{"MYSQL_SSL_KEY", "", "file with the client's key", false, false}};

/// A connection for each call: connectors live long, snapshots must not.
class MysqlConnector final : public SqlConnector {
public:
    explicit MysqlConnector(const Environment& environment) : SqlConnector(environment) {}

protected:
    std::vector<Scope> get_scopes_() override { return {{"Database", "database"}, {"Table", "table"}}; }

    std::vector<ScopeItem> list_scope_(const Parents& parents) override {
        Connection connection(environment(), source_limits(), stop());
        const auto database = parents.find("database");
        return database == parents.end() ? list_databases(connection) : list_tables(connection, database->second);
    }

    schema::Schema suggest_schema_(const Parents& scopes) override {
        Connection connection(environment(), source_limits(), stop());
        return table_schema(connection, scopes.at("database"), scopes.at("table"));
    }

    std::string ingest_query_(const schema::Schema& schema, const std::vector<std::string>& column_names) override {
        std::string list;
        for (const std::string& name : column_names) {
            list += (list.empty() ? "" : ", ") + quoted_identifier(name);
        }
        std::string table;
        for (const auto& [scope, name] : schema.scopes) {
            table += (table.empty() ? "" : ".") + quoted_identifier(name);
        }
        return fmt::format("SELECT {} FROM {}", list, table);
    }

    Export export_(const ExportRequest& request) override {
        return std::make_unique<QueryRows>(environment(), request);
    }

    CursorBound cursor_bound_(const CursorRequest& request) override { return cursor_bound(environment(), request); }

    std::string cursor_query_(const CursorRequest& request, const CursorRange& range) override {
        return cursor_query(request, range);
    }

    /// MySQL and MariaDB can do all of it.
    void check_limits_(const SourceLimits& /*limits*/) const override {}

    /// Not wrapped: old servers would write the whole table to disk first.
    std::string sample_query_(const std::string& sql, std::uint64_t rows) override {
        return fmt::format("{}\nLIMIT {}", sql, rows);
    }
};

const ConnectorSpec spec{.name = "mysql",
                         .summary = "MySQL and MariaDB, rows as the server sends them",
                         .kind = ConnectorKind::sql,
                         .options = options,
                         .documentation = "https://dev.mysql.com/doc/refman/8.4/en/environment-variables.html",
                         .make = [](const Environment& environment) -> std::unique_ptr<Connector> {
                             return std::make_unique<MysqlConnector>(environment);
                         },
                         .types = type_notes};

}  // namespace
}  // namespace tinybird_cdk::mysql

namespace tinybird_cdk::connector_specs {

const ConnectorSpec& mysql() {
    return tinybird_cdk::mysql::spec;
}

}  // namespace tinybird_cdk::connector_specs
