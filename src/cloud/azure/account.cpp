// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/account.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/azure/connection_string.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

/// The value of a variable that is set and not empty.
std::string value_of(const Environment& environment, std::string_view name) {
    return std::string(core::trim(environment.get(name).value_or("")));
}

bool wants_login(const Environment& environment) {
    const std::string mode = core::to_lower(value_of(environment, "AZURE_STORAGE_AUTH_MODE"));
    if (mode != "login" && mode != "key" && !mode.empty()) {
        throw errors::InvalidArgument(fmt::format("AZURE_STORAGE_AUTH_MODE is {}", logger::mask(mode)),
                                      "It is \"login\" (Microsoft Entra) or \"key\".");
    }
    return mode == "login";
}

}  // namespace

std::string Account::path() const {
    const std::size_t slash = endpoint.find('/', endpoint.find("://") + 3);
    return slash == std::string::npos ? std::string() : endpoint.substr(slash);
}

Account account_of(const Environment& environment) {
    const bool login = wants_login(environment);
    const std::string connection = value_of(environment, "AZURE_STORAGE_CONNECTION_STRING");
    Account account;
    if (!connection.empty()) {
        account = parse_connection_string(connection);
    }
    if (account.endpoint.empty() || login) {
        const std::string name = value_of(environment, "AZURE_STORAGE_ACCOUNT");
        account.name = name.empty() ? account.name : name;
        const std::string endpoint = value_of(environment, "AZURE_STORAGE_SERVICE_ENDPOINT");
        if (!endpoint.empty()) {
            account.endpoint = read_endpoint(endpoint, "AZURE_STORAGE_SERVICE_ENDPOINT");
        } else if (!name.empty()) {
            account.endpoint = endpoint_of_account(name, "https", "core.windows.net", "AZURE_STORAGE_ACCOUNT");
        }
    }
    if (account.endpoint.empty()) {
        throw errors::MissingConfiguration(
            "AZURE_STORAGE_CONNECTION_STRING",
            "Set it, or AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN, or credentials of "
            "Microsoft Entra (AZURE_STORAGE_AUTH_MODE=login).");
    }
    if (login) {
        account.key.clear();
        account.sas.clear();
        return account;
    }
    // A connection string without credentials gets those of the other variables.
    if (account.by_entra()) {
        const std::string key = value_of(environment, "AZURE_STORAGE_KEY");
        const std::string sas = value_of(environment, "AZURE_STORAGE_SAS_TOKEN");
        if (!key.empty() && account.name.empty()) {
            throw errors::MissingConfiguration("AZURE_STORAGE_ACCOUNT", "A key signs in the name of its account.");
        }
        if (!key.empty()) {
            account.key = decode_key(key, "AZURE_STORAGE_KEY");
        } else if (!sas.empty()) {
            account.sas = read_sas(sas, "AZURE_STORAGE_SAS_TOKEN");
        }
    }
    return account;
}

}  // namespace tinybird_cdk::cloud::azure
