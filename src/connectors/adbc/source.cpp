// SPDX-License-Identifier: Apache-2.0
#include "source.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <unistd.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::any_adbc {

namespace {

constexpr std::string_view option_prefix = "TB_CDK_ADBC_OPTION_";
constexpr std::array<std::string_view, 6> secret_words{"password",    "secret",   "token",
                                                       "private_key", "passcode", "credential"};

/// All variables that begin with the prefix, sorted by name: those of the process and what overrides them.
std::map<std::string, std::string> option_variables(const Environment& environment) {
    std::map<std::string, std::string> found;
    if (environment.from_process()) {
        for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
            const std::string_view text(*variable);
            const std::size_t end = text.find('=');
            if (text.starts_with(option_prefix) && end != std::string_view::npos) {
                found[std::string(text.substr(0, end))] = text.substr(end + 1);
            }
        }
    }
    for (const auto& [name, value] : environment.overrides()) {
        if (name.starts_with(option_prefix)) {
            found[name] = value;
        }
    }
    return found;
}

/// A driver that can't make sense of a URI quotes parts of it, cut at whatever it takes for a separator.
void remember_password_of(std::string_view uri) {
    const std::size_t scheme = uri.find("://");
    const std::size_t at = uri.rfind('@');
    if (scheme == std::string_view::npos || at == std::string_view::npos || at < scheme) {
        return;
    }
    const std::string_view user = uri.substr(scheme + 3, at - scheme - 3);
    const std::size_t colon = user.find(':');
    if (colon == std::string_view::npos) {
        return;
    }
    std::string_view password = user.substr(colon + 1);
    logger::remember_secret(password);
    while (!password.empty()) {
        const std::size_t end = std::min(password.find_first_of(":/?#@[]&="), password.size());
        logger::remember_secret(password.substr(0, end));
        password.remove_prefix(std::min(end + 1, password.size()));
    }
}

bool names_a_secret(const std::string& option) {
    return std::any_of(secret_words.begin(), secret_words.end(),
                       [&](std::string_view word) { return option.find(word) != std::string::npos; });
}

/// Drivers call every failure to connect one of the network. These another try does not change.
std::optional<adbc::Meaning> meaning_of(std::string_view text) {
    constexpr std::array<std::string_view, 5> refusals{"password authentication failed", "no password supplied",
                                                       "no pg_hba.conf entry", "unable to open database file",
                                                       "failed while opening the database: failed to open '"};
    const bool refused = std::any_of(refusals.begin(), refusals.end(),
                                     [&](std::string_view sign) { return text.find(sign) != std::string_view::npos; });
    return refused ? std::optional(adbc::Meaning{errors::ExitCode::bad_input,
                                                 "Check TB_CDK_ADBC_URI and the options of the driver."})
                   : std::nullopt;
}

}  // namespace

adbc::Source source_from(const Environment& environment) {
    adbc::Source source;
    source.driver = config::get("TB_CDK_ADBC_DRIVER", environment);
    if (source.driver.empty()) {
        throw errors::MissingConfiguration("TB_CDK_ADBC_DRIVER",
                                           "It is the name of a driver or the path of its library.");
    }
    source.meaning = meaning_of;
    source.entrypoint = config::get_or("TB_CDK_ADBC_ENTRYPOINT", "", environment);
    if (const auto uri = config::get_optional("TB_CDK_ADBC_URI", environment)) {
        remember_password_of(*uri);
        source.database.emplace_back("uri", *uri);
    }
    // The name of an option has dots, which a shell does not take in the name of a variable: it is in the value.
    for (const auto& [variable, value] : option_variables(environment)) {
        const std::size_t end = value.find('=');
        if (end == std::string::npos || end == 0) {
            throw errors::InvalidArgument(
                variable + " is no option of a driver",
                "Write NAME=VALUE, as in " + std::string(option_prefix) + "1='adbc.snowflake.sql.warehouse=LOADING'.");
        }
        const std::string name = value.substr(0, end);
        if (names_a_secret(name)) {
            logger::remember_secret(value.substr(end + 1));
        } else {
            remember_password_of(value);
        }
        source.database.emplace_back(name, value.substr(end + 1));
    }
    return source;
}

}  // namespace tinybird_cdk::any_adbc
