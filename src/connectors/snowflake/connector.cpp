// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/first_rows.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/snowflake.hpp>

#include "catalog.hpp"
#include "login.hpp"
#include "read_sql.hpp"
#include "session.hpp"
#include "settings.hpp"
#include "sql_text.hpp"
#include "stage.hpp"
#include "type_notes.hpp"
#include "unload.hpp"
#include "wait_unless_stopped.hpp"

namespace tinybird_cdk::snowflake {

namespace {

class SnowflakeConnector final : public Connector {
public:
    explicit SnowflakeConnector(const Environment& environment) : Connector(environment), session_(environment) {}

    std::vector<Role> get_roles() override {
        return guarded([&] { return list_roles(session(), stop()); });
    }
    std::vector<Warehouse> get_warehouses() override {
        return guarded([&] { return list_warehouses(session(), stop()); });
    }
    std::vector<Integration> get_integrations() override {
        return guarded([&] { return list_integrations(session(), stop()); });
    }
    [[nodiscard]] std::string get_integration_query(const IntegrationRequest& request) const override {
        return guarded([&] { return integration_query(session_.settings(), request); });
    }
    [[nodiscard]] std::string default_stage_name() const override {
        return guarded([&] { return snowflake::default_stage_name(session_.settings()); });
    }
    CreatedStage create_stage(const std::string& allowed_location, const std::string& integration,
                              const std::string& name) override {
        return guarded([&] {
            const std::string of_settings =
                session_.settings().stage.empty() ? std::string() : stage_name(session_.settings());
            const std::string chosen = !name.empty()          ? checked_name(name, "the stage")
                                       : !of_settings.empty() ? of_settings
                                                              : snowflake::default_stage_name(session_.settings());
            stage_.reset();
            store_.reset();
            return snowflake::create_stage(session(), chosen, allowed_location, integration, stop());
        });
    }

protected:
    std::vector<Scope> get_scopes_() override {
        return {{"Database", "database"}, {"Schema", "schema"}, {"Table", "table"}};
    }

    std::vector<ScopeItem> list_scope_(const Parents& parents) override {
        const auto database = parents.find("database");
        if (database == parents.end()) {
            return list_databases(session(), stop());
        }
        const auto schema = parents.find("schema");
        return schema == parents.end() ? list_schemas(session(), database->second, stop())
                                       : list_tables(session(), database->second, schema->second, stop());
    }

    schema::Schema suggest_schema_(const Parents& scopes) override {
        return snowflake::suggest_schema(session(), scopes.at("database"), scopes.at("schema"), scopes.at("table"),
                                         stop());
    }

    std::string ingest_query_(const schema::Schema& schema, const std::vector<std::string>& column_names) override {
        return select_columns(schema, column_names);
    }

    ResultSet query_(std::string_view sql) override {
        // Their rows can't be selected from, and have no columns to convert.
        return kind_of(sql) == StatementKind::show ? session().rows(std::string(single_statement(sql)), stop())
                                                   : Connector::query_(sql);
    }

    std::optional<UnloadLocation> location_() override {
        if (!find_stage_once()) {
            return std::nullopt;
        }
        return UnloadLocation{.client = store_, .bucket = stage_->bucket.bucket, .directory = stage_->bucket.key};
    }

    [[nodiscard]] std::string_view bucket_variable_() const noexcept override { return "SF_STAGE"; }

    UnloadEstimate estimate_(const ExportRequest& request) override {
        return estimate(session(request.limits), request);
    }

    CloudDir unload_(const UnloadRequest& request) override {
        return unload(session(request.limits), *stage_, request);
    }

    Export direct_(const ExportRequest& request) override {
        const std::vector<Column> columns = session(request.limits).describe(request.query, request.stop);
        std::string sql = readable(request.row_limit ? first_rows(request) : request.query, columns);
        return with_login(session_.settings(), [&] {
            // A login is not waited for once a stop is asked for.
            return wait_unless_stopped(
                [source = session_.source(), environment = environment(), sql = std::move(sql),
                 limit = request.row_limit, stop = request.stop, timeout = request.limits.statement_timeout] {
                    return adbc::query_batches(source, environment, sql, limit, stop, timeout);
                },
                request.stop, std::chrono::milliseconds(0));
        });
    }

    void check_limits_(const SourceLimits& limits) const override {
        if (limits.lock_timeout) {
            throw errors::InvalidArgument("a query of Snowflake waits for no locks", "Leave the lock time-out out.");
        }
        if (limits.replica) {
            throw errors::InvalidArgument("Snowflake has no replica to read from", "Don't ask for a replica.");
        }
    }

private:
    /// The limit stands at the level of the query's own ORDER BY: one of another level need not heed it
    /// (https://docs.snowflake.com/en/sql-reference/constructs/limit).
    std::string first_rows(const ExportRequest& request) {
        const auto names = [&](const std::string& limited) {
            std::vector<std::string> found;
            for (const Column& column : session(request.limits).describe(limited, request.stop)) {
                found.push_back(column.name);
            }
            return found;
        };
        return adbc::first_rows(std::string(single_statement(request.query)), *request.row_limit, names);
    }

    /// The shared session, for statements that keep to these limits.
    Session& session(const SourceLimits& limits) {
        session_.keep_to(limits);
        return session_;
    }
    Session& session() { return session(source_limits()); }

    /// @return false: there is none
    bool find_stage_once() {
        const bool asked_for = !session_.settings().stage.empty();
        try {
            if (const std::string name = stage_ ? std::string() : stage_name(session_.settings()); !name.empty()) {
                Stage found = find_stage(session(), name, stop());
                store_ = store_of(found, environment());
                stage_ = std::move(found);
            }
        } catch (const errors::InterruptedError&) {
            throw;
        } catch (const errors::Error& error) {
            // Nobody has asked for the default one.
            if (asked_for || error.retryable()) {
                throw;
            }
            logger::info(fmt::format("there is no default stage, loads go directly: {}", error.what()));
        }
        return stage_.has_value();
    }

    Session session_;
    std::optional<Stage> stage_;
    std::shared_ptr<cloud::Client> store_;
};

}  // namespace

}  // namespace tinybird_cdk::snowflake

namespace tinybird_cdk::connector_specs {

const ConnectorSpec& snowflake() {
    static const ConnectorSpec spec{
        .name = "snowflake",
        .summary = "Snowflake tables, views and queries",
        .kind = ConnectorKind::sql,
        .options = tinybird_cdk::snowflake::options(),
        .documentation = "https://docs.snowflake.com/en/user-guide/gen-conn-config",
        .make = [](const Environment& environment) -> std::unique_ptr<tinybird_cdk::Connector> {
            return std::make_unique<tinybird_cdk::snowflake::SnowflakeConnector>(environment);
        },
        .types = tinybird_cdk::snowflake::type_notes,
    };
    return spec;
}

}  // namespace tinybird_cdk::connector_specs
