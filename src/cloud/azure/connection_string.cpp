// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/connection_string.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/crypto.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

constexpr std::string_view variable = "AZURE_STORAGE_CONNECTION_STRING";

/// The account that every emulator has. Its key is published, so it is no secret.
/// https://learn.microsoft.com/en-us/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
constexpr std::string_view emulator_account = "devstoreaccount1";
constexpr std::string_view emulator_key =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
constexpr std::string_view emulator_endpoint = "http://127.0.0.1:10000/devstoreaccount1";

/// Names in lower case.
using Fields = std::map<std::string, std::string>;

Fields fields_of(std::string_view text) {
    Fields fields;
    for (const std::string_view part : core::split(text, ';')) {
        if (core::trim(part).empty()) {
            continue;
        }
        // A key ends in "=", so only the first one separates.
        const std::size_t sign = part.find('=');
        if (sign == std::string_view::npos) {
            throw errors::InvalidArgument(
                fmt::format("{} has a part without a \"=\"", variable),
                "It reads as in DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=…");
        }
        fields[core::to_lower(core::trim(part.substr(0, sign)))] = core::trim(part.substr(sign + 1));
    }
    return fields;
}

std::string field(const Fields& fields, const std::string& name, std::string_view otherwise = {}) {
    const auto found = fields.find(name);
    return found == fields.end() || found->second.empty() ? std::string(otherwise) : found->second;
}

/// The account that an endpoint of Azure's own tells; empty for other hosts.
std::string account_of_endpoint(std::string_view endpoint) {
    const std::string_view host = endpoint.substr(endpoint.find("://") + 3);
    const std::size_t dot = host.find('.');
    return dot != std::string_view::npos && host.substr(dot).starts_with(".blob.") ? std::string(host.substr(0, dot))
                                                                                   : std::string();
}

/// A signature's `sig`, as it stands and decoded.
void remember_signature(std::string_view sas) {
    for (const std::string_view part : core::split(sas, '&')) {
        if (part.starts_with("sig=")) {
            logger::remember_secret(part.substr(4));
            if (const auto decoded = core::url_decode(part.substr(4))) {
                logger::remember_secret(*decoded);
            }
        }
    }
}

}  // namespace

std::string decode_key(std::string_view text, std::string_view where) {
    logger::remember_secret(text);
    try {
        return base64_decode(core::trim(text));
    } catch (const errors::InvalidArgument&) {
        throw errors::InvalidArgument(fmt::format("the account key in {} is not base64", where),
                                      "Copy the whole of key1 or key2 of the storage account's access keys.");
    }
}

std::string read_sas(std::string_view text, std::string_view where) {
    std::string_view sas = core::trim(text);
    if (sas.starts_with('?')) {
        sas.remove_prefix(1);
    }
    remember_signature(sas);
    const bool has_signature = sas.starts_with("sig=") || sas.find("&sig=") != std::string_view::npos;
    if (!has_signature || sas.find_first_of(" \t\r\n#") != std::string_view::npos) {
        throw errors::InvalidArgument(fmt::format("{} is no shared access signature", where),
                                      "It reads as in sv=…&ss=b&srt=co&sp=rl&se=…&sig=…, percent-encoded.");
    }
    return std::string(sas);
}

std::string read_endpoint(std::string_view text, std::string_view where) {
    std::string_view endpoint = core::trim(text);
    while (endpoint.ends_with('/')) {
        endpoint.remove_suffix(1);
    }
    const std::size_t scheme = endpoint.starts_with("https://") ? 8 : endpoint.starts_with("http://") ? 7 : 0;
    if (scheme == 0 || endpoint.size() == scheme || endpoint.find_first_of("?# \t\r\n") != std::string_view::npos) {
        throw errors::InvalidArgument(fmt::format("{} is no URL of an endpoint: {}", where, logger::mask(endpoint)),
                                      "It reads as in https://ACCOUNT.blob.core.windows.net.");
    }
    return std::string(endpoint);
}

std::string endpoint_of_account(std::string_view name, std::string_view protocol, std::string_view suffix,
                                std::string_view where) {
    // Letters and digits; the secondary endpoint has a hyphen.
    // https://learn.microsoft.com/en-us/azure/storage/common/storage-account-overview#storage-account-name
    const bool fits = std::all_of(name.begin(), name.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '-';
    });
    if (name.empty() || !fits) {
        throw errors::InvalidArgument(
            fmt::format("{} names the account \"{}\", which none can have", where, logger::mask(name)),
            "The name alone is letters and digits; an endpoint goes into AZURE_STORAGE_SERVICE_ENDPOINT, or "
            "BlobEndpoint of a connection string.");
    }
    return read_endpoint(fmt::format("{}://{}.blob.{}", protocol, name, suffix), where);
}

Account parse_connection_string(std::string_view text) {
    Fields fields = fields_of(text);
    if (core::equal_ignoring_case(field(fields, "usedevelopmentstorage"), "true")) {
        const std::string proxy = field(fields, "developmentstorageproxyuri");
        return {.name = std::string(emulator_account),
                .endpoint = proxy.empty()
                                ? std::string(emulator_endpoint)
                                : fmt::format("{}:10000/{}", read_endpoint(proxy, variable), emulator_account),
                .key = base64_decode(emulator_key),
                .sas = {}};
    }
    Account account;
    account.name = field(fields, "accountname");
    if (const std::string key = field(fields, "accountkey"); !key.empty()) {
        account.key = decode_key(key, variable);
    } else if (const std::string sas = field(fields, "sharedaccesssignature"); !sas.empty()) {
        account.sas = read_sas(sas, variable);
    } else if (fields.contains("accountkey") || fields.contains("sharedaccesssignature")) {
        throw errors::InvalidArgument(
            fmt::format("{} has an empty {}", variable,
                        fields.contains("accountkey") ? "AccountKey" : "SharedAccessSignature"),
            "Fill it in, or leave it out to log in by Microsoft Entra.");
    }
    if (const std::string endpoint = field(fields, "blobendpoint"); !endpoint.empty()) {
        account.endpoint = read_endpoint(endpoint, variable);
    } else if (!account.name.empty()) {
        const std::string protocol = core::to_lower(field(fields, "defaultendpointsprotocol", "https"));
        account.endpoint =
            endpoint_of_account(account.name, protocol, field(fields, "endpointsuffix", "core.windows.net"), variable);
    } else {
        throw errors::InvalidArgument(fmt::format("{} names neither AccountName nor BlobEndpoint", variable),
                                      "Copy the connection string that the storage account's access keys show.");
    }
    if (!account.key.empty() && account.name.empty()) {
        throw errors::InvalidArgument(fmt::format("{} has an AccountKey, but no AccountName", variable),
                                      "A key signs in the name of its account.");
    }
    if (account.name.empty()) {
        account.name = account_of_endpoint(account.endpoint);
    }
    return account;
}

}  // namespace tinybird_cdk::cloud::azure
