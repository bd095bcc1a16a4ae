// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "catalog.hpp"
#include "incremental.hpp"
#include "source.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::any_adbc {

namespace {

constexpr std::array<ConfigOption, 4> options{{
    {.variable = "TB_CDK_ADBC_DRIVER",
     .default_value = {},
     .text = "the ADBC driver: its name, as in \"postgresql\", or the path of its library or manifest",
     .required = true,
     .secret = false},
    {.variable = "TB_CDK_ADBC_URI",
     .default_value = {},
     .text = "where to connect, in the driver's notation",
     .required = false,
     .secret = true},
    {.variable = "TB_CDK_ADBC_ENTRYPOINT",
     .default_value = {},
     .text = "the init function of the driver's library, where it is not called as usual",
     .required = false,
     .secret = false},
    {.variable = "TB_CDK_ADBC_OPTION_1",
     .default_value = {},
     .text = "an option of the driver as NAME=VALUE; as many as there are, with any ending (_1, _2, _ROLE)",
     .required = false,
     .secret = true},
}};

/// While it is there, statements of any kind are run.
class Anything {
public:
    explicit Anything(bool& runs) : runs_(runs) { runs_ = true; }
    Anything(const Anything&) = delete;
    Anything& operator=(const Anything&) = delete;
    ~Anything() { runs_ = false; }

private:
    bool& runs_;
};

class Connector final : public SqlConnector {
public:
    explicit Connector(const Environment& environment) : SqlConnector(environment), source_(source_from(environment)) {}

protected:
    std::vector<Scope> get_scopes_() override {
        return {{"Catalog", "catalog"}, {"Schema", "schema"}, {"Table", "table"}};
    }

    std::vector<ScopeItem> list_scope_(const Parents& parents) override {
        adbc::Connection connection(source_, environment());
        switch (parents.size()) {
            case 0:
                return list_catalogs(connection);
            case 1:
                return list_schemas(connection, parents.at("catalog"));
            default:
                return list_tables(connection, parents.at("catalog"), parents.at("schema"));
        }
    }

    schema::Schema suggest_schema_(const Parents& scopes) override {
        adbc::Connection connection(source_, environment());
        return any_adbc::suggest_schema(connection, scopes);
    }

    std::string ingest_query_(const schema::Schema& schema, const std::vector<std::string>& column_names) override {
        return select_columns(schema, column_names);
    }

    ResultSet query_(std::string_view sql) override {
        // Whoever asks runs what the database knows: PRAGMA, SHOW, a statement that writes.
        const Anything anything(runs_anything_);
        return SqlConnector::query_(sql);
    }

    Export export_(const ExportRequest& request) override {
        if (!runs_anything_) {
            refuse_writes(request.query);
        }
        // A limit in the query would have to be tried first, and what a try costs nobody knows here: another login, a
        // query that is billed in full. Some drivers also make up types from the rows that come.
        return adbc::query_batches(source_, environment(), embeddable(request.query), request.row_limit, request.stop,
                                   request.limits.statement_timeout);
    }

    CursorBound cursor_bound_(const CursorRequest& request) override {
        return cursor_bound(source_, environment(), request);
    }

    std::string cursor_query_(const CursorRequest& request, const CursorRange& range) override {
        return cursor_query(adbc::Connection(source_, environment()).vendor(), request, range);
    }

    void check_limits_(const SourceLimits& limits) const override {
        if (limits.lock_timeout) {
            throw errors::InvalidArgument("ADBC has no lock time-out, and each database has another way to set one",
                                          "Set it in TB_CDK_ADBC_URI or an option of the driver, where it has one.");
        }
        if (limits.replica) {
            throw errors::InvalidArgument("ADBC can't tell whether a server is a replica",
                                          "Name the replica in TB_CDK_ADBC_URI, and don't ask for one.");
        }
    }

private:
    const adbc::Source source_;
    bool runs_anything_ = false;
};

}  // namespace

}  // namespace tinybird_cdk::any_adbc

namespace tinybird_cdk::connector_specs {

const ConnectorSpec& adbc() {
    static const ConnectorSpec spec{
        .name = "adbc",
        .summary = "any database that has an ADBC driver",
        .kind = ConnectorKind::sql,
        .options = tinybird_cdk::any_adbc::options,
        .documentation = "https://arrow.apache.org/adbc/current/driver/status.html",
        .make = [](const Environment& environment) -> std::unique_ptr<tinybird_cdk::Connector> {
            return std::make_unique<tinybird_cdk::any_adbc::Connector>(environment);
        },
        .types = arrow_type_notes,
    };
    return spec;
}

}  // namespace tinybird_cdk::connector_specs
