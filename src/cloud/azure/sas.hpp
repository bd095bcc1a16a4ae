// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "cloud/azure/dates.hpp"

/// Shared access signatures: the query of a URL with which anyone may read one blob. Pure functions.
namespace tinybird_cdk::cloud::azure {

/// The version of the service that requests and signatures are written for. The newest that every cloud of Azure has,
/// those of governments included, is not known; this one is old enough for all and has all that is needed.
constexpr std::string_view service_version = "2023-11-03";

/// Who may read what, how long.
struct SasRequest {
    std::string account;
    std::string container;
    std::string blob;  ///< as it is, not encoded
    Time expires;
    bool https_only = true;
};

/// A key that stands for a user or a service of Microsoft Entra for some days.
/// https://learn.microsoft.com/en-us/rest/api/storageservices/get-user-delegation-key
struct DelegationKey {
    std::string object_id;
    std::string tenant_id;
    std::string start;  ///< as the service wrote it, as all the others
    std::string expiry;
    std::string service;
    std::string version;
    std::string value;  ///< decoded
};

/// https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas @param key the account's, decoded
/// @return as in "se=…&sp=r&sv=…&sr=b&sig=…", encoded
std::string service_sas(const SasRequest& request, std::string_view key);
/// https://learn.microsoft.com/en-us/rest/api/storageservices/create-user-delegation-sas
std::string user_delegation_sas(const SasRequest& request, const DelegationKey& key);

}  // namespace tinybird_cdk::cloud::azure
