// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/cloud/gcs.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "api.hpp"
#include "catalog.hpp"
#include "query_rows.hpp"
#include "settings.hpp"
#include "sql_text.hpp"
#include "type_notes.hpp"
#include "unload.hpp"

namespace tinybird_cdk::bigquery {

namespace {

class Connector final : public WarehouseConnector {
public:
    explicit Connector(const Environment& environment)
        : WarehouseConnector(environment), api_(std::make_shared<Api>(environment)) {}

protected:
    std::vector<Scope> get_scopes_() override {
        return {{"Project", "project"}, {"Dataset", "dataset"}, {"Table", "table"}};
    }

    std::vector<ScopeItem> list_scope_(const Parents& parents) override {
        const auto project = parents.find("project");
        if (project == parents.end()) {
            return list_projects(*api_, stop());
        }
        const auto dataset = parents.find("dataset");
        if (dataset == parents.end()) {
            return list_datasets(*api_, project->second, stop());
        }
        return list_tables(
            *api_, project->second, dataset->second, [this](const std::string& sql) { return query_(sql); }, stop());
    }

    schema::Schema suggest_schema_(const Parents& scopes) override {
        return bigquery::suggest_schema(*api_, scopes.at("project"), scopes.at("dataset"), scopes.at("table"), stop());
    }

    std::string ingest_query_(const schema::Schema& schema, const std::vector<std::string>& column_names) override {
        if (schema.scopes.size() < 2) {
            throw errors::InvalidArgument(
                fmt::format("the schema does not say of which project and dataset \"{}\" is", schema.table),
                "Take it from suggest_schema(), or set its scopes.");
        }
        return select_columns(schema.scopes[0].second, schema.scopes[1].second, schema.table, column_names);
    }

    std::optional<UnloadLocation> location_() override {
        const Settings& settings = api_->settings();
        if (settings.bucket.empty()) {
            return std::nullopt;
        }
        if (!store_) {
            store_ = std::make_shared<cloud::gcs::Client>(environment());
        }
        return UnloadLocation{.client = store_, .bucket = settings.bucket, .directory = settings.folder};
    }

    [[nodiscard]] std::string_view bucket_variable_() const noexcept override { return "GCS_BUCKET"; }

    UnloadEstimate estimate_(const ExportRequest& request) override { return estimate(*api_, request); }

    CloudDir unload_(const UnloadRequest& request) override { return unload(*api_, request, random_dirname()); }

    Export direct_(const ExportRequest& request) override {
        return std::make_unique<QueryRows>(api_, request, [] { return random_dirname(); });
    }

    void check_limits_(const SourceLimits& limits) const override {
        if (limits.lock_timeout) {
            throw errors::InvalidArgument("a query of BigQuery waits for no locks", "Leave the lock time-out out.");
        }
        if (limits.replica) {
            throw errors::InvalidArgument("BigQuery has no replica to read from", "Don't ask for a replica.");
        }
    }

private:
    const std::shared_ptr<Api> api_;
    std::shared_ptr<cloud::Client> store_;
};

}  // namespace

}  // namespace tinybird_cdk::bigquery

namespace tinybird_cdk::connector_specs {

const ConnectorSpec& bigquery() {
    static const ConnectorSpec spec{
        .name = "bigquery",
        .summary = "BigQuery tables, views and queries",
        .kind = ConnectorKind::sql,
        .options = tinybird_cdk::bigquery::options(),
        .documentation = "https://cloud.google.com/docs/authentication/application-default-credentials",
        .make = [](const Environment& environment) -> std::unique_ptr<tinybird_cdk::Connector> {
            return std::make_unique<tinybird_cdk::bigquery::Connector>(environment);
        },
        .types = tinybird_cdk::bigquery::type_notes,
    };
    return spec;
}

}  // namespace tinybird_cdk::connector_specs
