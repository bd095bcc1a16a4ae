// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/cloud/s3.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/first_rows.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "catalog.hpp"
#include "column.hpp"
#include "cursor_batches.hpp"
#include "settings.hpp"
#include "sql_text.hpp"
#include "type_notes.hpp"
#include "unload.hpp"
#include "unload_sql.hpp"

namespace tinybird_cdk::redshift {

namespace {

class Connector final : public WarehouseConnector {
public:
    explicit Connector(const Environment& environment)
        : WarehouseConnector(environment), settings_(settings_from(environment)) {}

protected:
    std::vector<Scope> get_scopes_() override {
        return {{"Database", "database"}, {"Schema", "schema"}, {"Table", "table"}};
    }

    std::vector<ScopeItem> list_scope_(const Parents& parents) override {
        adbc::Connection connection = connect(source_limits());
        switch (parents.size()) {
            case 0:
                return list_databases(connection, stop());
            case 1:
                return list_schemas(connection, parents.at("database"), stop());
            default:
                return list_tables(connection, parents.at("database"), parents.at("schema"), stop());
        }
    }

    schema::Schema suggest_schema_(const Parents& scopes) override {
        adbc::Connection connection = connect(source_limits());
        return redshift::suggest_schema(connection, scopes, stop());
    }

    std::string ingest_query_(const schema::Schema& schema, const std::vector<std::string>& column_names) override {
        return select_columns(schema, column_names);
    }

    std::optional<UnloadLocation> location_() override {
        if (settings_.bucket.empty()) {
            return std::nullopt;
        }
        if (!store_) {
            store_ = std::make_shared<cloud::s3::Client>(environment());
        }
        return UnloadLocation{.client = store_, .bucket = settings_.bucket, .directory = settings_.folder};
    }

    [[nodiscard]] std::string_view bucket_variable_() const noexcept override { return "S3_BUCKET"; }

    UnloadEstimate estimate_(const ExportRequest& request) override {
        return explained([&] { return estimate(settings_, environment(), request); });
    }

    CloudDir unload_(const UnloadRequest& request) override { return unload(settings_, environment(), request); }

    Export direct_(const ExportRequest& request) override {
        std::string query;
        {
            adbc::Connection connection = connect(request.limits);
            const std::vector<Column> columns = describe(connection, request.query, request.stop);
            // With its first row a cursor has all of its rows made, and the leader keeps them
            // (https://docs.aws.amazon.com/redshift/latest/dg/declare.html): the limit has to be in its query.
            query = readable(request.row_limit ? first_rows(connection, request) : request.query, columns);
        }
        return cursor_batches(settings_.source_for(request.limits), environment(), std::move(query), request);
    }

    void check_limits_(const SourceLimits& limits) const override {
        if (limits.lock_timeout) {
            throw errors::InvalidArgument("Redshift has no lock time-out",
                                          "Leave it out, or set a statement time-out.");
        }
        if (limits.replica) {
            throw errors::InvalidArgument("Redshift has no replica to read from", "Don't ask for a replica.");
        }
    }

private:
    static std::string first_rows(adbc::Connection& connection, const ExportRequest& request) {
        const auto names = [&](const std::string& limited) {
            std::vector<std::string> found;
            for (const Column& column : describe(connection, limited, request.stop)) {
                found.push_back(column.name);
            }
            return found;
        };
        return adbc::first_rows(embeddable(request.query), *request.row_limit, names);
    }

    adbc::Connection connect(const SourceLimits& limits) {
        return explained([&] { return adbc::Connection(settings_.source_for(limits), environment()); });
    }

    /// What a driver that takes Redshift for PostgreSQL says is of no use to anybody.
    template <class Call>
    static std::invoke_result_t<Call> explained(Call&& call) {
        try {
            return std::forward<Call>(call)();
        } catch (const errors::Error& error) {
            if (std::string_view(error.what()).find("typarray") == std::string_view::npos) {
                throw;
            }
            throw errors::MissingDriverError(
                std::string("this ADBC driver does not know Redshift: ") + error.what(),
                "adbc-driver-postgresql knows it up to 1.11.0: install that version (pip install "
                "adbc-driver-postgresql==1.11.0), and set REDSHIFT_ADBC_DRIVER to the path of its library.");
        }
    }

    const Settings settings_;
    std::shared_ptr<cloud::Client> store_;
};

}  // namespace

}  // namespace tinybird_cdk::redshift

namespace tinybird_cdk::connector_specs {

const ConnectorSpec& redshift() {
    static const ConnectorSpec spec{
        .name = "redshift",
        .summary = "Amazon Redshift tables, views and queries",
        .kind = ConnectorKind::sql,
        .options = tinybird_cdk::redshift::options(),
        .documentation = "https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html",
        .make = [](const Environment& environment) -> std::unique_ptr<tinybird_cdk::Connector> {
            return std::make_unique<tinybird_cdk::redshift::Connector>(environment);
        },
        .types = tinybird_cdk::redshift::type_notes,
    };
    return spec;
}

}  // namespace tinybird_cdk::connector_specs
