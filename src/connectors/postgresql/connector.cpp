// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>

#include <fmt/format.h>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/registry.hpp>

#include "catalog.hpp"
#include "connection.hpp"
#include "copy_rows.hpp"
#include "incremental.hpp"
#include "results.hpp"
#include "sql_text.hpp"
#include "type_notes.hpp"

namespace tinybird_cdk::postgresql {

namespace {

constexpr std::array options{
    ConfigOption{"PGHOST", "", "host name, address, or directory of the Unix socket", false, false},
    ConfigOption{"PGPORT", "5432", "port", false, false},
    ConfigOption{"PGDATABASE", "", "database; the user's name if unset", false, false},
    ConfigOption{"PGUSER", "", "user", false, false},
    ConfigOption{"PGPASSWORD", "", "password; a password file is safer", false, true},
    ConfigOption{"PGPASSFILE", "~/.pgpass", "password file", false, false},
    ConfigOption{"PGSERVICE", "", "name of a service in the service file, which may set all of these", false, false},
    ConfigOption{"PGSERVICEFILE", "~/.pg_service.conf", "service file", false, false},
    ConfigOption{"PGSSLMODE", "prefer", "TLS: disable, allow, prefer, require, verify-ca, verify-full", false, false},
    ConfigOption{"PGSSLROOTCERT", "", "file with the certificates that are trusted", false, false},
    ConfigOption{"PGCONNECT_TIMEOUT", "15", "seconds to wait for a connection", false, false},
    ConfigOption{"PGTARGETSESSIONATTRS", "any", "which of several hosts: any, read-only, standby, prefer-standby, …",
                 false, false},
    ConfigOption{"PGOPTIONS", "", "settings of the session, as in -c statement_timeout=60s", false, false}};

/// A connection for each call: connectors live long, snapshots must not.
class PostgresqlConnector final : public SqlConnector {
public:
    explicit PostgresqlConnector(const Environment& environment) : SqlConnector(environment) {}

protected:
    std::vector<Scope> get_scopes_() override { return {{"Schema", "schema"}, {"Table", "table"}}; }

    std::vector<ScopeItem> list_scope_(const Parents& parents) override {
        Connection connection(environment(), source_limits(), stop());
        const auto schema = parents.find("schema");
        return schema == parents.end() ? list_schemas(connection) : list_tables(connection, schema->second);
    }

    schema::Schema suggest_schema_(const Parents& scopes) override {
        Connection connection(environment(), source_limits(), stop());
        return table_schema(connection, scopes.at("schema"), scopes.at("table"));
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
        return std::make_unique<CopyRows>(environment(), request.query, request.row_limit, request.stop,
                                          request.limits);
    }

    CursorBound cursor_bound_(const CursorRequest& request) override { return cursor_bound(environment(), request); }

    std::string cursor_query_(const CursorRequest& request, const CursorRange& range) override {
        return cursor_query(request, range);
    }

    /// PostgreSQL can do all of it.
    void check_limits_(const SourceLimits& /*limits*/) const override {}

    ResultSet query_(std::string_view sql) override {
        Connection connection(environment(), source_limits(), stop());
        return rows_of(connection.run_query(std::string(single_statement(sql))).get());
    }
};

const ConnectorSpec spec{.name = "postgresql",
                         .summary = "PostgreSQL, by binary COPY",
                         .kind = ConnectorKind::sql,
                         .options = options,
                         .documentation = "https://www.postgresql.org/docs/current/libpq-envars.html",
                         .make = [](const Environment& environment) -> std::unique_ptr<Connector> {
                             return std::make_unique<PostgresqlConnector>(environment);
                         },
                         .types = type_notes};

}  // namespace
}  // namespace tinybird_cdk::postgresql

namespace tinybird_cdk::connector_specs {

const ConnectorSpec& postgresql() {
    return tinybird_cdk::postgresql::spec;
}

}  // namespace tinybird_cdk::connector_specs
