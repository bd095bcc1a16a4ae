// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/registry.hpp>

#include "catalog.hpp"
#include "database.hpp"
#include "incremental.hpp"
#include "query_rows.hpp"
#include "table_schema.hpp"
#include "type_notes.hpp"

namespace tinybird_cdk::sqlite {

namespace {

constexpr std::string_view default_busy_timeout = "5000";

constexpr std::array<ConfigOption, 2> options{{
    {.variable = "SQLITE_DATABASE",
     .default_value = {},
     .text = "the path of the database file, or a URI as in file:/data/app.db?immutable=1; it is opened for reading",
     .required = true,
     .secret = false},
    {.variable = "SQLITE_BUSY_TIMEOUT_MS",
     .default_value = default_busy_timeout,
     .text = "how long to wait while another program holds a lock, in milliseconds",
     .required = false,
     .secret = false},
}};

DatabaseOptions options_from(const Environment& environment) {
    DatabaseOptions found;
    found.path = config::get("SQLITE_DATABASE", environment);
    if (found.path.empty()) {
        // SQLite takes an empty path for a new, empty database.
        throw errors::MissingConfiguration("SQLITE_DATABASE", "It is the path of the database file.");
    }
    const std::string timeout = config::get_or("SQLITE_BUSY_TIMEOUT_MS", default_busy_timeout, environment);
    std::uint32_t milliseconds = 0;
    const auto [end, error] = std::from_chars(timeout.data(), timeout.data() + timeout.size(), milliseconds);
    if (error != std::errc() || end != timeout.data() + timeout.size()) {
        throw errors::InvalidArgument("SQLITE_BUSY_TIMEOUT_MS is no number of milliseconds: \"" + timeout + "\"");
    }
    found.busy_timeout = std::chrono::milliseconds{milliseconds};
    return found;
}

/// Opens the file anew for each call: that costs less than a millisecond, and each call sees the file as it is.
class Connector final : public SqlConnector {
public:
    explicit Connector(const Environment& environment)
        : SqlConnector(environment), database_(options_from(environment)) {}

protected:
    std::vector<Scope> get_scopes_() override { return {{"Table", "table"}}; }

    std::vector<ScopeItem> list_scope_(const Parents& /*parents*/) override {
        Database database(limited(source_limits()), stop());
        return list_tables(database);
    }

    schema::Schema suggest_schema_(const Parents& scopes) override {
        Database database(limited(source_limits()), stop());
        return sqlite::suggest_schema(database, scopes.at("table"));
    }

    std::string ingest_query_(const schema::Schema& schema, const std::vector<std::string>& column_names) override {
        return select_columns(schema.table, column_names);
    }

    Export export_(const ExportRequest& request) override {
        return std::make_unique<QueryRows>(limited(request.limits), request);
    }

    CursorBound cursor_bound_(const CursorRequest& request) override {
        Database database(limited(request.limits));
        CursorRequest plain = request;
        plain.query = statement_text(database, request.query);
        return cursor_bound(database, plain);
    }

    std::string cursor_query_(const CursorRequest& request, const CursorRange& range) override {
        Database database(limited(source_limits()), stop());
        CursorRequest plain = request;
        plain.query = statement_text(database, request.query);
        return cursor_query(plain, range);
    }

    ResultSet query_(std::string_view sql) override {
        Database database(limited(source_limits()), stop());
        return read_all(database, sql);
    }

    void check_limits_(const SourceLimits& limits) const override {
        if (limits.replica) {
            throw errors::InvalidArgument("a SQLite file has no replica to read from",
                                          "Read from a copy of the file, and don't ask for a replica.");
        }
    }

private:
    [[nodiscard]] DatabaseOptions limited(const SourceLimits& limits) const {
        DatabaseOptions found = database_;
        found.busy_timeout = limits.lock_timeout.value_or(found.busy_timeout);
        found.statement_timeout = limits.statement_timeout;
        return found;
    }

    const DatabaseOptions database_;
};

}  // namespace

}  // namespace tinybird_cdk::sqlite

namespace tinybird_cdk::connector_specs {

const ConnectorSpec& sqlite() {
    static const ConnectorSpec spec{
        .name = "sqlite",
        .summary = "SQLite files, read-only; each value keeps its own type",
        .kind = ConnectorKind::sql,
        .options = tinybird_cdk::sqlite::options,
        .documentation = "https://www.sqlite.org/uri.html",
        .make = [](const Environment& environment) -> std::unique_ptr<tinybird_cdk::Connector> {
            return std::make_unique<tinybird_cdk::sqlite::Connector>(environment);
        },
        .types = tinybird_cdk::sqlite::type_notes,
    };
    return spec;
}

}  // namespace tinybird_cdk::connector_specs
