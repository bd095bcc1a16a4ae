// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/snowflake.hpp>

#include "session.hpp"

/// External stages: where COPY INTO writes (https://docs.snowflake.com/en/sql-reference/sql/create-stage).
namespace tinybird_cdk::snowflake {

struct Stage {
    std::string name;        ///< as SQL has it, as in "MYDB.PUBLIC.UNLOADS"
    cloud::Location bucket;  ///< its key is "", or a folder that ends in a slash
    std::string url = {};    ///< as Snowflake has it
};

/// The name of a stage, a role or an integration as it can stand in SQL: one to three parts between points, each of
/// letters, digits, "_" and "$", or in double quotes. An "@" in front is left out.
/// @param what it is, for messages @throws errors::InvalidArgument
std::string checked_name(std::string_view name, std::string_view what);

/// tinybird_stage__WORKSPACE__ROLE in the database and the schema, "-" written as "_".
/// @throws errors::MissingConfiguration
std::string default_stage_name(const Settings& settings);

/// SF_STAGE, else the default. Empty: SF_STAGE is not set, nor all that the default is made from.
std::string stage_name(const Settings& settings);

/// A URL in Snowflake's notation: s3://, s3gov://, s3china://, gcs://,
/// azure://ACCOUNT.blob.core.windows.net/CONTAINER/.
/// @throws errors::InvalidArgument, errors::UnsupportedCloudServiceError
cloud::Location bucket_of(std::string_view url);

/// The URL as Snowflake takes it, with a slash at its end. @throws as bucket_of()
std::string stage_url(std::string_view url);

/// Where a stage is. @throws errors::InvalidArgument for an internal one, errors::ExternalDatasourceError for one that
/// does not exist
Stage find_stage(Session& session, const std::string& name, const std::stop_token& stop);

/// A client for the bucket of a stage. @throws errors::MissingConfiguration without credentials,
/// errors::InvalidArgument where those are of another storage account of Azure than the stage
std::unique_ptr<cloud::Client> store_of(const Stage& stage, const Environment& environment);

CreatedStage create_stage(Session& session, const std::string& name, const std::string& allowed_location,
                          const std::string& integration, const std::stop_token& stop);

std::string integration_query(const Settings& settings, const IntegrationRequest& request);

}  // namespace tinybird_cdk::snowflake
