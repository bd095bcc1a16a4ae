// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/first_rows.hpp>
#include <tinybird_cdk/registry.hpp>

#include "catalog.hpp"
#include "incremental.hpp"
#include "source.hpp"
#include "sql_text.hpp"
#include "type_notes.hpp"

namespace tinybird_cdk::duckdb {

namespace {

constexpr std::array<ConfigOption, 2> options{{
    {.variable = "DUCKDB_DATABASE",
     .default_value = {},
     .text = "the path of the database file, which is opened for reading, or :memory: for queries over files",
     .required = true,
     .secret = false},
    {.variable = "DUCKDB_LIBRARY",
     .default_value = {},
     .text = "the path of libduckdb.so, where it is not in the folders of ADBC_DRIVER_PATH or the system's",
     .required = false,
     .secret = false},
}};

/// Opens the database anew for each call, so that each sees the file as it is.
class Connector final : public SqlConnector {
public:
    explicit Connector(const Environment& environment) : SqlConnector(environment), source_(source_from(environment)) {}

protected:
    std::vector<Scope> get_scopes_() override { return {{"Schema", "schema"}, {"Table", "table"}}; }

    std::vector<ScopeItem> list_scope_(const Parents& parents) override {
        adbc::Connection connection(source_, environment());
        const auto schema = parents.find("schema");
        return schema == parents.end() ? list_schemas(connection) : list_tables(connection, schema->second);
    }

    schema::Schema suggest_schema_(const Parents& scopes) override {
        adbc::Connection connection(source_, environment());
        return duckdb::suggest_schema(connection, scopes.at("schema"), scopes.at("table"));
    }

    std::string ingest_query_(const schema::Schema& schema, const std::vector<std::string>& column_names) override {
        return select_columns(schema.scopes.at(0).second, schema.table, column_names);
    }

    Export export_(const ExportRequest& request) override {
        if (writes_files(request.query)) {
            throw errors::InvalidArgument("the statement would write files",
                                          "The connector reads and never writes: pass a SELECT.");
        }
        return adbc::query_batches(source_, environment(), limited(request), request.row_limit, request.stop,
                                   request.limits.statement_timeout);
    }

    CursorBound cursor_bound_(const CursorRequest& request) override {
        if (request.lag.none() && in_memory(environment())) {
            throw errors::InvalidArgument(
                "a database in memory reads files or other databases, of which it can't be told whether rows with "
                "lower "
                "values of \"" +
                    request.column.name + "\" are still to come",
                "Give a --lag that no such row is behind, or one of nothing (0, or 0s for times) if nobody writes "
                "meanwhile.");
        }
        return cursor_bound(source_, environment(), request);
    }

    std::string cursor_query_(const CursorRequest& request, const CursorRange& range) override {
        return cursor_query(request, range);
    }

    void check_limits_(const SourceLimits& limits) const override {
        if (limits.lock_timeout) {
            throw errors::InvalidArgument(
                "DuckDB waits for no locks: a file that somebody writes to is refused at once",
                "Leave the lock time-out out.");
        }
        if (limits.replica) {
            throw errors::InvalidArgument("a DuckDB file has no replica to read from",
                                          "Read from a copy of the file, and don't ask for a replica.");
        }
    }

private:
    /// The query with its limit of rows in it. Several statements, the last of which gives the rows, stay as they are,
    /// and so does what is no plain query: SUMMARIZE would take the limit for its own query.
    [[nodiscard]] std::string limited(const ExportRequest& request) const {
        std::string query;
        try {
            query = request.row_limit ? std::string(single_statement(request.query)) + "\n" : std::string();
        } catch (const errors::InvalidArgument&) {  // NOLINT(bugprone-empty-catch): see above
        }
        const std::string word = first_sql_word(query, dialect, "(");
        const bool is_plain = word == "SELECT" || word == "FROM" || word == "WITH" || word == "VALUES";
        return !is_plain ? request.query
                         : adbc::first_rows(source_, environment(), query, *request.row_limit, request.stop,
                                            request.limits.statement_timeout);
    }

    const adbc::Source source_;
};

}  // namespace

}  // namespace tinybird_cdk::duckdb

namespace tinybird_cdk::connector_specs {

const ConnectorSpec& duckdb() {
    static const ConnectorSpec spec{
        .name = "duckdb",
        .summary = "DuckDB files, read-only, and queries over files that DuckDB reads",
        .kind = ConnectorKind::sql,
        .options = tinybird_cdk::duckdb::options,
        .documentation = "https://duckdb.org/docs/stable/connect/overview",
        .make = [](const Environment& environment) -> std::unique_ptr<tinybird_cdk::Connector> {
            return std::make_unique<tinybird_cdk::duckdb::Connector>(environment);
        },
        .types = tinybird_cdk::duckdb::type_notes,
    };
    return spec;
}

}  // namespace tinybird_cdk::connector_specs
