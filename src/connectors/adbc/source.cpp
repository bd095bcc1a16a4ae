// SPDX-License-Identifier: Apache-2.0
#include "source.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include <unistd.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::any_adbc {

namespace {

constexpr std::string_view option_prefix = "TB_CDK_ADBC_OPTION_";

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

}  // namespace

adbc::Source source_from(const Environment& environment) {
    adbc::Source source;
    source.driver = config::get("TB_CDK_ADBC_DRIVER", environment);
    if (source.driver.empty()) {
        throw errors::MissingConfiguration("TB_CDK_ADBC_DRIVER",
                                           "It is the name of a driver or the path of its library.");
    }
    source.entrypoint = config::get_or("TB_CDK_ADBC_ENTRYPOINT", "", environment);
    if (const auto uri = config::get_optional("TB_CDK_ADBC_URI", environment)) {
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
        source.database.emplace_back(value.substr(0, end), value.substr(end + 1));
    }
    return source;
}

}  // namespace tinybird_cdk::any_adbc
