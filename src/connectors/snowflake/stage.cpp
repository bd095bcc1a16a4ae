// SPDX-License-Identifier: Apache-2.0
#include "stage.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/cloud/azure.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "login.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::snowflake {

namespace {

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

/// Where the part of a name that begins here ends; npos when it is none.
std::size_t end_of_part(std::string_view text) {
    if (!text.starts_with('"')) {
        const auto* const end = std::find_if_not(text.begin(), text.end(), is_name_character);
        return end == text.begin() ? std::string_view::npos : static_cast<std::size_t>(end - text.begin());
    }
    for (std::size_t at = text.find('"', 1); at != std::string_view::npos; at = text.find('"', at + 2)) {
        if (at + 1 == text.size() || text[at + 1] != '"') {
            return at > 1 ? at + 1 : std::string_view::npos;
        }
    }
    return std::string_view::npos;
}

bool is_name(std::string_view text) {
    constexpr int most_parts = 3;
    for (int part = 1; part <= most_parts; ++part) {
        const std::size_t end = end_of_part(text);
        if (end == std::string_view::npos) {
            return false;
        }
        if (end == text.size()) {
            return true;
        }
        if (text[end] != '.') {
            return false;
        }
        text.remove_prefix(end + 1);
    }
    return false;
}

struct Scheme {
    std::string_view snowflakes, plain;
};
/// What Snowflake calls regions of S3 that are apart, and Azure, whose account is part of the URL.
constexpr std::array<Scheme, 3> schemes{{{"s3gov://", "s3://"}, {"s3china://", "s3://"}, {"azure://", "https://"}}};

/// A property in the rows of DESCRIBE STAGE and DESCRIBE INTEGRATION.
std::string property(const ResultSet& described, std::string_view name) {
    for (const Value::Record& row : described) {
        if (text_of(row, "property") == name) {
            return text_of(row, "property_value");
        }
    }
    return {};
}

/// A stage has a list of URLs with one in it, as in ["s3://bucket/folder/"].
std::string only_url(const std::string& list) {
    if (!list.starts_with('[')) {
        return list;
    }
    const Value urls = Value::from_json(list);
    const auto& all = std::get<Value::List>(urls.variant());
    return all.empty() ? std::string() : all.front().to_text();
}

std::string without_dashes(std::string text) {
    std::replace(text.begin(), text.end(), '-', '_');
    return text;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

std::string url_of(const ResultSet& described) {
    return only_url(property(described, "URL"));
}

void require(const std::string& value, std::string_view what, std::string_view service) {
    if (value.empty()) {
        throw errors::InvalidArgument(fmt::format("a storage integration for {} needs {}", service, what));
    }
}

}  // namespace

std::string checked_name(std::string_view name, std::string_view what) {
    if (name.starts_with('@')) {
        name.remove_prefix(1);
    }
    if (!is_name(name)) {
        throw errors::InvalidArgument(
            fmt::format("{} is \"{}\", which is no name in Snowflake", what, name),
            "Write it as in MYDB.PUBLIC.NAME; parts with other characters stand in double quotes.");
    }
    return std::string(name);
}

std::string default_stage_name(const Settings& settings) {
    for (const auto& [variable, value] :
         {std::pair{"SF_DATABASE", &settings.database}, std::pair{"SF_SCHEMA", &settings.schema},
          std::pair{"TB_WORKSPACE_ID", &settings.workspace}, std::pair{"SF_ROLE", &settings.role}}) {
        if (value->empty()) {
            throw errors::MissingConfiguration(variable, "The name of the default stage is made from it.");
        }
    }
    const std::string stem = fmt::format("tinybird_stage__{}__", without_dashes(settings.workspace));
    // A role in quotes makes the whole a name in quotes.
    const std::string name =
        settings.role.starts_with('"') ? fmt::format("\"{}{}", stem, settings.role.substr(1)) : stem + settings.role;
    return checked_name(fmt::format("{}.{}.{}", settings.database, settings.schema, name), "the default stage");
}

std::string stage_name(const Settings& settings) {
    if (!settings.stage.empty()) {
        return checked_name(settings.stage, "SF_STAGE");
    }
    const bool has_default =
        !settings.database.empty() && !settings.schema.empty() && !settings.workspace.empty() && !settings.role.empty();
    return has_default ? default_stage_name(settings) : std::string();
}

cloud::Location bucket_of(std::string_view url) {
    std::string plain(url);
    for (const Scheme& scheme : schemes) {
        if (url.starts_with(scheme.snowflakes)) {
            plain = fmt::format("{}{}", scheme.plain, url.substr(scheme.snowflakes.size()));
        }
    }
    cloud::Location location = cloud::parse_url(plain);
    if (!location.key.empty() && !location.key.ends_with('/')) {
        location.key += '/';
    }
    return location;
}

std::string stage_url(std::string_view url) {
    bucket_of(url);
    std::string result(url);
    if (constexpr std::string_view googles = "gs://"; url.starts_with(googles)) {
        result = fmt::format("gcs://{}", url.substr(googles.size()));
    }
    if (constexpr std::string_view http = "https://"; url.starts_with(http)) {
        result = fmt::format("azure://{}", url.substr(http.size()));
    }
    return result.ends_with('/') ? result : result + '/';
}

Stage find_stage(Session& session, const std::string& name, const std::stop_token& stop) {
    std::string url;
    try {
        url = url_of(session.rows(fmt::format("DESCRIBE STAGE {}", name), stop));
    } catch (errors::ExternalDatasourceError& error) {
        if (code_in(error.what()) == does_not_exist) {
            error.add_hint("Check SF_STAGE, and that the role may use that stage.");
        }
        throw;
    }
    if (url.empty()) {
        throw errors::InvalidArgument(
            fmt::format("the stage {} is inside of Snowflake, where Tinybird can't fetch", name),
            "Name an external stage, on S3, Cloud Storage or Azure.");
    }
    return {.name = name, .bucket = bucket_of(url), .url = url};
}

std::unique_ptr<cloud::Client> store_of(const Stage& stage, const Environment& environment) {
    std::unique_ptr<cloud::Client> store = cloud::client_for(stage.bucket.service, environment);
    const auto* const azure = dynamic_cast<const cloud::azure::Client*>(store.get());
    // Else what Snowflake writes would be looked for elsewhere, and stay where it is.
    if (azure != nullptr && !azure->account().empty() && !stage.bucket.account.empty() &&
        lower(azure->account()) != lower(stage.bucket.account)) {
        throw errors::InvalidArgument(
            fmt::format("the stage {} is in the storage account {}, and the credentials are those of {}", stage.name,
                        stage.bucket.account, azure->account()),
            fmt::format("Give credentials of {}, or name another stage (SF_STAGE).", stage.bucket.account));
    }
    return store;
}

CreatedStage create_stage(Session& session, const std::string& name, const std::string& allowed_location,
                          const std::string& integration, const std::stop_token& stop) {
    const std::string url = stage_url(allowed_location);
    const std::string by = checked_name(integration, "the integration");
    session.rows(fmt::format("CREATE STAGE IF NOT EXISTS {} URL = {} STORAGE_INTEGRATION = {}", name, literal(url), by),
                 stop);
    if (const std::string there = url_of(session.rows(fmt::format("DESCRIBE STAGE {}", name), stop)); there != url) {
        throw errors::InvalidArgument(fmt::format("there is a stage {} already, at {}", name, there),
                                      "Drop it, or give another name.");
    }
    CreatedStage created{.name = name};
    try {
        const ResultSet described = session.rows(fmt::format("DESCRIBE INTEGRATION {}", by), stop);
        for (const char* const who : {"STORAGE_GCP_SERVICE_ACCOUNT", "STORAGE_AWS_IAM_USER_ARN",
                                      "STORAGE_AWS_EXTERNAL_ID", "AZURE_CONSENT_URL", "AZURE_MULTI_TENANT_APP_NAME"}) {
            if (std::string value = property(described, who); !value.empty()) {
                created.identity.emplace_back(who, std::move(value));
            }
        }
    } catch (const errors::ExternalDatasourceError& error) {
        // Who may use an integration need not be allowed to look at it.
        logger::info(fmt::format("the integration {} can't be described: {}", by, error.what()));
    }
    return created;
}

std::string integration_query(const Settings& settings, const IntegrationRequest& request) {
    const std::string name = checked_name(request.name, "the integration");
    const std::string url = stage_url(request.allowed_location);
    const std::string service = bucket_of(url).service;
    std::string special;
    if (service == "s3") {
        require(request.aws_role_arn, "the ARN of a role that Snowflake takes on", "S3");
        special = fmt::format("  STORAGE_AWS_ROLE_ARN = {}\n", literal(request.aws_role_arn));
    } else if (service == "azure") {
        require(request.azure_tenant_id, "the tenant's id", "Azure");
        special = fmt::format("  AZURE_TENANT_ID = {}\n", literal(request.azure_tenant_id));
    }
    std::string sql = fmt::format(
        "CREATE STORAGE INTEGRATION IF NOT EXISTS {}\n  TYPE = EXTERNAL_STAGE\n  STORAGE_PROVIDER = '{}'\n{}  ENABLED "
        "= "
        "TRUE\n  STORAGE_ALLOWED_LOCATIONS = ({});\n",
        name,
        service == "s3"    ? url.substr(0, url.find("://")) == "s3" ? "S3"
                             : url.starts_with("s3gov")             ? "S3GOV"
                                                                    : "S3CHINA"
        : service == "gcs" ? "GCS"
                           : "AZURE",
        special, literal(url));
    if (const std::string& role = request.grant_to_role.empty() ? settings.role : request.grant_to_role;
        !role.empty()) {
        sql += fmt::format("GRANT USAGE ON INTEGRATION {} TO ROLE {};\n", name, checked_name(role, "the role"));
    }
    return sql;
}

}  // namespace tinybird_cdk::snowflake
