// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/sas.hpp"

#include <fmt/format.h>

#include "cloud/azure/shared_key.hpp"
#include "cloud/crypto.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

constexpr std::string_view read = "r";
constexpr std::string_view one_blob = "b";

std::string_view protocol_of(const SasRequest& request) {
    return request.https_only ? "https" : "";
}

std::string resource_of(const SasRequest& request) {
    return fmt::format("/blob/{}/{}/{}", request.account, request.container, request.blob);
}

/// The last fields of both kinds: IP, protocol, version, resource, snapshot, encryption scope, and five headers that an
/// answer could be told to have.
std::string end_of_text(const SasRequest& request) {
    return fmt::format("\n{}\n{}\n{}\n\n\n\n\n\n\n", protocol_of(request), service_version, one_blob);
}

Pairs first_parameters(const SasRequest& request) {
    Pairs parameters{{"se", iso_time(request.expires)}, {"sp", std::string(read)}};
    if (request.https_only) {
        parameters.emplace_back("spr", protocol_of(request));
    }
    parameters.emplace_back("sv", service_version);
    parameters.emplace_back("sr", one_blob);
    return parameters;
}

std::string query_of(const Pairs& parameters) {
    std::string query;
    for (const auto& [name, value] : parameters) {
        query += fmt::format("{}{}={}", query.empty() ? "" : "&", name, encode_path(value));
    }
    return query;
}

}  // namespace

std::string service_sas(const SasRequest& request, std::string_view key) {
    // Permissions, start, expiry, resource, identifier.
    const std::string text =
        fmt::format("{}\n\n{}\n{}\n\n", read, iso_time(request.expires), resource_of(request)) + end_of_text(request);
    Pairs parameters = first_parameters(request);
    parameters.emplace_back("sig", base64(hmac_sha256(key, text)));
    return query_of(parameters);
}

std::string user_delegation_sas(const SasRequest& request, const DelegationKey& key) {
    // Behind the key's fields: two users and a correlation id, which nobody asked for.
    const std::string text = fmt::format("{}\n\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n\n\n\n", read,
                                         iso_time(request.expires), resource_of(request), key.object_id, key.tenant_id,
                                         key.start, key.expiry, key.service, key.version) +
                             end_of_text(request);
    Pairs parameters = first_parameters(request);
    parameters.insert(parameters.end(), {{"skoid", key.object_id},
                                         {"sktid", key.tenant_id},
                                         {"skt", key.start},
                                         {"ske", key.expiry},
                                         {"sks", key.service},
                                         {"skv", key.version},
                                         {"sig", base64(hmac_sha256(key.value, text))}});
    return query_of(parameters);
}

}  // namespace tinybird_cdk::cloud::azure
