// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "failure.hpp"
#include "numbers.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::redshift {

namespace {

constexpr std::array options_{
    ConfigOption{"REDSHIFT_HOST", "", "the endpoint of the cluster or the workgroup, without the port", true, false},
    ConfigOption{"REDSHIFT_PORT", "5439", "port", false, false},
    ConfigOption{"REDSHIFT_DATABASE", "", "database", true, false},
    ConfigOption{"REDSHIFT_USER", "", "user", true, false},
    ConfigOption{"REDSHIFT_PASSWORD", "", "password", false, true},
    ConfigOption{"REDSHIFT_SSLMODE", "require", "TLS: disable, allow, prefer, require, verify-ca, verify-full", false,
                 false},
    ConfigOption{"S3_BUCKET", "",
                 "a bucket that large results go through: Redshift writes them there, and Tinybird fetches them", false,
                 false},
    ConfigOption{"S3_FOLDER", "", "the folder of the bucket in which that is done", false, false},
    ConfigOption{"REDSHIFT_BUCKET_REGION", "", "the bucket's region, where it is not the cluster's", false, false},
    ConfigOption{"REDSHIFT_IAM_ROLE", "default",
                 "the ARN of the role that Redshift writes to the bucket with, or \"default\"", false, false},
    ConfigOption{
        "REDSHIFT_ADBC_DRIVER", "postgresql",
        "the ADBC driver: a name, or the path of a library; adbc-driver-postgresql knows Redshift up to 1.11.0", false,
        false},
};

/// A value of libpq's connection string
/// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE).
std::string quoted(std::string_view value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') {
            text += '\\';
        }
        text += c;
    }
    return text + "'";
}

/// Without slashes at its begin, with one at its end.
std::string folder(std::string name) {
    name.erase(0, std::min(name.find_first_not_of('/'), name.size()));
    if (!name.empty() && !name.ends_with('/')) {
        name += '/';
    }
    return name;
}

/// A variable that is empty is none: environments of CI services have them so.
std::string or_default(const Environment& environment, std::string_view variable, std::string_view otherwise) {
    std::string value = config::get_or(variable, "", environment);
    return value.empty() ? std::string(otherwise) : value;
}

std::string required(const Environment& environment, std::string_view variable) {
    std::string value = config::get_or(variable, "", environment);
    if (value.empty()) {
        throw errors::MissingConfiguration(variable, "The connector needs it to connect.");
    }
    return value;
}

std::string port(const Environment& environment) {
    std::string text = or_default(environment, "REDSHIFT_PORT", "5439");
    if (number_in<std::uint16_t>(text).value_or(0) == 0) {
        throw errors::InvalidArgument(fmt::format("REDSHIFT_PORT is {}, which is no port", logger::mask(text)),
                                      "Write a number from 1 to 65535, or leave it out for 5439.");
    }
    return text;
}

/// Others libpq refuses as it does a server that is not there.
std::string sslmode(const Environment& environment) {
    constexpr std::array<std::string_view, 6> modes{"disable", "allow",     "prefer",
                                                    "require", "verify-ca", "verify-full"};
    std::string text = or_default(environment, "REDSHIFT_SSLMODE", "require");
    if (std::find(modes.begin(), modes.end(), text) == modes.end()) {
        throw errors::InvalidArgument(
            fmt::format("REDSHIFT_SSLMODE is {}, which is no mode of TLS", logger::mask(text)),
            fmt::format("It is one of: {}.", fmt::join(modes, ", ")));
    }
    return text;
}

std::string connection_string(const Environment& environment, const std::string& database) {
    std::string text = "host=" + quoted(required(environment, "REDSHIFT_HOST")) + " port=" + quoted(port(environment)) +
                       " user=" + quoted(required(environment, "REDSHIFT_USER")) + " dbname=" + quoted(database) +
                       " sslmode=" + quoted(sslmode(environment)) + " connect_timeout='15'" +
                       // Nothing is said while an UNLOAD runs, and what is on the way forgets silent connections.
                       " keepalives='1' keepalives_idle='30' keepalives_interval='10' keepalives_count='6'";
    if (const auto password = config::get_optional("REDSHIFT_PASSWORD", environment)) {
        logger::remember_secret(*password);
        text += " password=" + quoted(*password);
    }
    return text;
}

}  // namespace

std::span<const ConfigOption> options() noexcept {
    return options_;
}

adbc::Source Settings::source_for(const SourceLimits& limits) const {
    adbc::Source limited = source;
    if (limits.statement_timeout) {
        limited.setup.push_back(fmt::format("SET statement_timeout TO {}", limits.statement_timeout->count()));
    }
    return limited;
}

Settings settings_from(const Environment& environment) {
    Settings settings;
    settings.database = required(environment, "REDSHIFT_DATABASE");
    settings.source.driver = or_default(environment, "REDSHIFT_ADBC_DRIVER", "postgresql");
    settings.source.name = "Redshift";
    settings.source.meaning = meaning_of;
    settings.source.database.emplace_back("uri", connection_string(environment, settings.database));
    // Text that values become has one form whatever the session's defaults are. 2 is the most that Redshift takes: 17
    // digits, which tell each double from the next one
    // (https://docs.aws.amazon.com/redshift/latest/dg/r_extra_float_digits.html).
    settings.source.setup = {"SET datestyle TO 'ISO'", "SET timezone TO 'UTC'", "SET extra_float_digits TO 2"};
    if (const std::string tag = config::get_or("TB_CDK_TAG", "", environment); !tag.empty()) {
        settings.source.setup.push_back("SET query_group TO " + literal(tag));
    }
    settings.iam_role = or_default(environment, "REDSHIFT_IAM_ROLE", "default");
    if (settings.iam_role != "default" && !settings.iam_role.starts_with("arn:")) {
        throw errors::InvalidArgument(
            fmt::format("REDSHIFT_IAM_ROLE is {}, which is no role", settings.iam_role),
            "Write it as in arn:aws:iam::123456789012:role/unload, or leave it out for the cluster's default role.");
    }
    settings.bucket = config::get_or("S3_BUCKET", "", environment);
    settings.folder = folder(config::get_or("S3_FOLDER", "", environment));
    settings.bucket_region = config::get_or("REDSHIFT_BUCKET_REGION", "", environment);
    return settings;
}

}  // namespace tinybird_cdk::redshift
