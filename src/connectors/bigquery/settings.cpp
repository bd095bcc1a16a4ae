// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/google.hpp>
#include <tinybird_cdk/logger.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::bigquery {

namespace {

constexpr std::array<ConfigOption, 15> known{{
    {.variable = "GOOGLE_APPLICATION_CREDENTIALS",
     .default_value = {},
     .text = "a file of credentials; without it those of gcloud, then those of the machine",
     .required = false,
     .secret = false},
    {.variable = "BIGQUERY_PROJECT",
     .default_value = {},
     .text =
         "the project that queries run in and that pays for them; without it GOOGLE_CLOUD_PROJECT, then that of the "
         "service account",
     .required = false,
     .secret = false},
    {.variable = "BIGQUERY_LOCATION",
     .default_value = {},
     .text = "where the data is, as in EU or us-east1; without it BigQuery finds it out",
     .required = false,
     .secret = false},
    {.variable = "GCS_BUCKET",
     .default_value = {},
     .text = "a bucket that large results go through: BigQuery writes them there, and Tinybird fetches them",
     .required = false,
     .secret = false},
    {.variable = "GCS_FOLDER",
     .default_value = {},
     .text = "the folder of the bucket in which that is done",
     .required = false,
     .secret = false},
    {.variable = "GOOGLE_CLOUD_PROJECT",
     .default_value = {},
     .text = "see BIGQUERY_PROJECT",
     .required = false,
     .secret = false},
    {.variable = "GOOGLE_CLOUD_QUOTA_PROJECT",
     .default_value = {},
     .text = "the project that requests are counted for, and that pays where the requester of a bucket does; else that "
             "of the file of credentials",
     .required = false,
     .secret = false},
    {.variable = "CLOUDSDK_CONFIG",
     .default_value = {},
     .text = "where gcloud keeps its files; without it ~/.config/gcloud",
     .required = false,
     .secret = false},
    {.variable = "GCE_METADATA_HOST",
     .default_value = {},
     .text = "the metadata server of the machine, as Google's libraries read it",
     .required = false,
     .secret = false},
    {.variable = "GCE_METADATA_IP", .default_value = {}, .text = "its address", .required = false, .secret = false},
    {.variable = "NO_GCE_CHECK",
     .default_value = {},
     .text = "true: no such server is looked for",
     .required = false,
     .secret = false},
    {.variable = "SSL_CERT_FILE",
     .default_value = {},
     .text = "PEM certificates to trust instead of the system's",
     .required = false,
     .secret = false},
    {.variable = "BIGQUERY_EMULATOR_HOST",
     .default_value = {},
     .text = "an emulator, as in http://127.0.0.1:9050",
     .required = false,
     .secret = false},
    {.variable = "BIGQUERY_STORAGE_GRPC_ENDPOINT",
     .default_value = {},
     .text = "where that emulator has the Storage Read API, as in 127.0.0.1:9060; without it all rows come in pages",
     .required = false,
     .secret = false},
    {.variable = "STORAGE_EMULATOR_HOST",
     .default_value = {},
     .text = "an emulator of Cloud Storage, for the bucket",
     .required = false,
     .secret = false},
}};

std::string value_of(const Environment& environment, std::string_view variable) {
    return environment.get(variable).value_or("");
}

/// As Google's library for Python reads it, and also without a scheme.
std::string emulator(const char* variable, std::string url) {
    if (url.find("://") == std::string::npos) {
        url.insert(0, "http://");
    }
    while (url.ends_with('/')) {
        url.pop_back();
    }
    const bool is_http = url.starts_with("http://") || url.starts_with("https://");
    if (!is_http || url.find_first_of(" \t?#@") != std::string::npos) {
        throw errors::InvalidArgument(
            fmt::format("{} is {}, which is no address of a server", variable, logger::mask(url)),
            "Write it as in http://127.0.0.1:9050.");
    }
    return url;
}

std::string bucket(std::string name) {
    // https://cloud.google.com/storage/docs/buckets#naming
    if (name.find_first_of(":/ *") != std::string::npos) {
        throw errors::InvalidArgument(fmt::format("GCS_BUCKET is {}, which is no name of a bucket", logger::mask(name)),
                                      "Write the name alone, without gs://, and a folder into GCS_FOLDER.");
    }
    return name;
}

/// Without slashes at its begin, with one at its end, and never two together.
std::string folder(std::string name) {
    if (name.find('*') != std::string::npos) {
        throw errors::InvalidArgument(
            fmt::format("GCS_FOLDER is {}, and BigQuery would write numbers in the place of the asterisk",
                        logger::mask(name)),
            "Name a folder without one.");
    }
    name.erase(0, std::min(name.find_first_not_of('/'), name.size()));
    // BigQuery makes one slash of several (https://cloud.google.com/bigquery/docs/exporting-data), and its objects
    // would be looked for elsewhere.
    name.erase(std::unique(name.begin(), name.end(), [](char a, char b) { return a == '/' && b == '/'; }), name.end());
    if (!name.empty() && !name.ends_with('/')) {
        name += '/';
    }
    return name;
}

}  // namespace

std::span<const ConfigOption> options() noexcept {
    return known;
}

Settings settings_from(const Environment& environment) {
    Settings settings;
    if (std::string host = value_of(environment, "BIGQUERY_EMULATOR_HOST"); !host.empty()) {
        settings.endpoint = emulator("BIGQUERY_EMULATOR_HOST", std::move(host));
        settings.emulated = true;
        constexpr const char* storage = "BIGQUERY_STORAGE_GRPC_ENDPOINT";
        std::string address = value_of(environment, storage);
        settings.storage_endpoint = address.empty() ? std::string() : emulator(storage, std::move(address));
    }
    settings.project = value_of(environment, "BIGQUERY_PROJECT");
    if (settings.project.empty()) {
        settings.project = google::default_project(environment);
    }
    if (settings.project.empty() && !settings.emulated &&
        !value_of(environment, "GOOGLE_APPLICATION_CREDENTIALS").empty()) {
        // A file that can't be read names no project either, and that is then what to say.
        google::Credentials(environment).quota_project({});
    }
    if (settings.project.empty()) {
        throw errors::MissingConfiguration("BIGQUERY_PROJECT",
                                           "It is the project that queries run in and that pays for them; neither "
                                           "GOOGLE_CLOUD_PROJECT nor the file of "
                                           "GOOGLE_APPLICATION_CREDENTIALS names one.");
    }
    settings.location = value_of(environment, "BIGQUERY_LOCATION");
    settings.bucket = bucket(value_of(environment, "GCS_BUCKET"));
    settings.folder = folder(value_of(environment, "GCS_FOLDER"));
    settings.tag = label_value(value_of(environment, "TB_CDK_TAG"));
    settings.ca_file = value_of(environment, "SSL_CERT_FILE");
    return settings;
}

}  // namespace tinybird_cdk::bigquery
