// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <tinybird_cdk/warehouse_connector.hpp>

/// What the connector to Snowflake has beside the others: the objects that unloads to a bucket need.
namespace tinybird_cdk::snowflake {

struct Role {
    std::string name = {};
    bool is_default = false;
    bool is_current = false;
};

struct Warehouse {
    std::string name = {};
    std::string state = {};  ///< as in "STARTED"
    std::string size = {};   ///< as in "X-Small"
};

/// A storage integration: by it Snowflake may use a bucket.
struct Integration {
    std::string name = {};
    std::string type = {};
    bool enabled = false;
    std::string comment = {};
};

/// The name that integrations have unless another one is given.
inline constexpr const char* default_integration = "tinybird_integration";

/// What a storage integration is to be.
struct IntegrationRequest {
    /// As in s3://BUCKET/FOLDER/, gcs://BUCKET/FOLDER/ or azure://ACCOUNT.blob.core.windows.net/CONTAINER/FOLDER/.
    std::string allowed_location = {};
    std::string name = default_integration;
    std::string aws_role_arn = {};     ///< S3: the role that Snowflake takes on; needed there
    std::string azure_tenant_id = {};  ///< Azure: needed there
    std::string grant_to_role = {};    ///< who may make stages of it; empty: SF_ROLE, if that is set
};

/// A stage, and who is to be let into its bucket.
struct CreatedStage {
    std::string name = {};
    /// What Snowflake says of its own identity (https://docs.snowflake.com/en/sql-reference/sql/desc-integration), as
    /// in
    /// {"STORAGE_GCP_SERVICE_ACCOUNT", "…"}; empty when the role may not see it.
    std::vector<std::pair<std::string, std::string>> identity = {};
};

/// `sql_connector_for("snowflake")` gives one of these. One thread at a time.
class Connector : public WarehouseConnector {
public:
    /// The roles, warehouses and storage integrations that the user's role sees.
    virtual std::vector<Role> get_roles() = 0;
    virtual std::vector<Warehouse> get_warehouses() = 0;
    virtual std::vector<Integration> get_integrations() = 0;

    /// The SQL that an administrator of the account runs to make a storage integration. Nothing is run here.
    /// @throws errors::InvalidArgument for a location that is none, and for what its service needs and was not given
    [[nodiscard]] virtual std::string get_integration_query(const IntegrationRequest& request) const = 0;

    /// The stage that is used without SF_STAGE: tinybird_stage__WORKSPACE__ROLE in SF_DATABASE and SF_SCHEMA.
    /// @throws errors::MissingConfiguration for a variable that it is made from
    [[nodiscard]] virtual std::string default_stage_name() const = 0;
    /// Makes an external stage, unless there is one of that name and place.
    /// @param name empty: SF_STAGE, else the default
    /// @throws errors::ExternalDatasourceError when the role may not, errors::InvalidArgument when there is a stage of
    /// that name elsewhere
    virtual CreatedStage create_stage(const std::string& allowed_location,
                                      const std::string& integration = default_integration,
                                      const std::string& name = {}) = 0;

protected:
    using WarehouseConnector::WarehouseConnector;
};

}  // namespace tinybird_cdk::snowflake
