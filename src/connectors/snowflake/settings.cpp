// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "account.hpp"
#include "key_pair.hpp"

namespace tinybird_cdk::snowflake {

namespace {

constexpr ConfigOption option(std::string_view variable, std::string_view text, bool required = false,
                              bool secret = false) {
    return {.variable = variable, .default_value = {}, .text = text, .required = required, .secret = secret};
}

constexpr std::array known{
    option("SF_ACCOUNT", "the account's identifier, as in myorg-account1", true),
    option("SF_USER", "the name to log in with; not needed with SF_OAUTH_TOKEN"),
    option("SF_PWD", "its password; or one of the next four", false, true),
    option("SF_PRIVATE_KEY", "the private key of a key pair, as PEM (PKCS #8)", false, true),
    option("SF_PRIVATE_KEY_FILE", "a file with such a key"),
    option("SF_OAUTH_TOKEN", "an OAuth access token", false, true),
    option("SF_PAT", "a programmatic access token", false, true),
    option("SF_PRIVATE_KEY_PWD", "the password of the private key, where it is encrypted", false, true),
    option("SF_WAREHOUSE", "the warehouse that queries run in; without it the user's own"),
    option("SF_DATABASE", "the database that names in queries are looked for in"),
    option("SF_SCHEMA", "the schema of that database"),
    option("SF_ROLE", "the role to work as; without it the user's own"),
    option("SF_STAGE", "the external stage that large results go through, as in MYDB.PUBLIC.UNLOADS"),
    option("TB_WORKSPACE_ID", "without SF_STAGE: the workspace that the default stage is named after"),
    option("SF_HOST", "another host than ACCOUNT.snowflakecomputing.com: a private link, an emulator"),
    option("SF_PORT", "its port, where it is not 443"),
    option("SF_PROTOCOL", "https, or http for an emulator"),
};

/// The longest tag that a query can have (https://docs.snowflake.com/en/sql-reference/parameters#query-tag).
constexpr std::size_t longest_tag = 2000;

std::string value_of(const Environment& environment, std::string_view variable) {
    return environment.get(variable).value_or("");
}

struct Way {
    std::string_view variable;
    LoginKind kind;
};
constexpr std::array<Way, 5> ways{{{"SF_PWD", LoginKind::password},
                                   {"SF_PRIVATE_KEY", LoginKind::key_pair},
                                   {"SF_PRIVATE_KEY_FILE", LoginKind::key_pair},
                                   {"SF_OAUTH_TOKEN", LoginKind::oauth},
                                   {"SF_PAT", LoginKind::access_token}}};

Way chosen_way(const Environment& environment) {
    std::vector<Way> chosen;
    std::vector<std::string_view> names;
    for (const Way& way : ways) {
        if (!value_of(environment, way.variable).empty()) {
            chosen.push_back(way);
            names.push_back(way.variable);
        }
    }
    if (chosen.empty()) {
        throw errors::MissingConfiguration("SF_PWD",
                                           "Or set one of SF_PRIVATE_KEY, SF_PRIVATE_KEY_FILE, SF_OAUTH_TOKEN and "
                                           "SF_PAT: it is what Snowflake knows the user by.");
    }
    if (chosen.size() > 1) {
        throw errors::InvalidArgument(fmt::format("{} are set: these are {} ways to log in to Snowflake",
                                                  fmt::join(names, " and "), chosen.size()),
                                      "Set one of them.");
    }
    return chosen.front();
}

void read_login(const Environment& environment, Settings& settings) {
    const Way way = chosen_way(environment);
    settings.login = way.kind;
    std::string value = value_of(environment, way.variable);
    if (way.kind == LoginKind::key_pair) {
        settings.key_password = Secret(value_of(environment, "SF_PRIVATE_KEY_PWD"));
        const bool is_file = way.variable == "SF_PRIVATE_KEY_FILE";
        settings.secret =
            private_key(is_file ? file_of_key(value) : std::move(value), way.variable, settings.key_password.reveal());
    } else {
        settings.secret = Secret(std::move(value));
    }
    for (const Secret* const secret : {&settings.secret, &settings.key_password}) {
        if (!secret->empty()) {
            logger::remember_secret(secret->reveal());
        }
    }
    settings.user = value_of(environment, "SF_USER");
    if (settings.user.empty() && settings.login != LoginKind::oauth) {
        throw errors::MissingConfiguration("SF_USER", "It is the name to log in to Snowflake with.");
    }
}

bool is_port(std::string_view text) {
    std::uint16_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() && number > 0;
}

void read_server(const Environment& environment, Settings& settings) {
    settings.host = value_of(environment, "SF_HOST");
    if (settings.host.find_first_of("/:@ \t?#") != std::string::npos) {
        throw errors::InvalidArgument(
            fmt::format("SF_HOST is {}, which is no name of a host", logger::mask(settings.host)),
            "Write the name alone; SF_PORT and SF_PROTOCOL say the rest.");
    }
    settings.port = value_of(environment, "SF_PORT");
    if (!settings.port.empty() && !is_port(settings.port)) {
        throw errors::InvalidArgument(fmt::format("SF_PORT is {}, which is no port", logger::mask(settings.port)),
                                      "Write a number from 1 to 65535, or leave it out for 443.");
    }
    settings.protocol = value_of(environment, "SF_PROTOCOL");
    if (!settings.protocol.empty() && settings.protocol != "http" && settings.protocol != "https") {
        throw errors::InvalidArgument(
            fmt::format("SF_PROTOCOL is {}, which is neither https nor http", settings.protocol));
    }
    if (settings.host.empty() && settings.protocol == "http") {
        throw errors::InvalidArgument("SF_PROTOCOL is http, and Snowflake speaks https",
                                      "Leave it out, or name an emulator with SF_HOST.");
    }
}

}  // namespace

std::span<const ConfigOption> options() noexcept {
    return known;
}

Settings settings_from(const Environment& environment) {
    Settings settings;
    settings.account = account_identifier(value_of(environment, "SF_ACCOUNT"));
    read_login(environment, settings);
    settings.warehouse = value_of(environment, "SF_WAREHOUSE");
    settings.database = value_of(environment, "SF_DATABASE");
    settings.schema = value_of(environment, "SF_SCHEMA");
    settings.role = value_of(environment, "SF_ROLE");
    settings.stage = value_of(environment, "SF_STAGE");
    settings.workspace = value_of(environment, "TB_WORKSPACE_ID");
    read_server(environment, settings);
    settings.tag = value_of(environment, "TB_CDK_TAG").substr(0, longest_tag);
    return settings;
}

}  // namespace tinybird_cdk::snowflake
