// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>

#include "cloud/azure/sas.hpp"

/// The XML documents of the service.
namespace tinybird_cdk::cloud::azure {

/// An answer to List Blobs.
struct ListPage {
    std::vector<Object> objects;
    std::string next_marker;  ///< empty: this was the last
};

/// https://learn.microsoft.com/en-us/rest/api/storageservices/list-blobs#response-body Directories of accounts with a
/// hierarchical namespace are left out. @throws errors::ExternalDatasourceError for a document that can't be read
ListPage parse_list(std::string_view document);

/// https://learn.microsoft.com/en-us/rest/api/storageservices/put-block-list#request-body
std::string block_list(const std::vector<std::string>& ids);

/// https://learn.microsoft.com/en-us/rest/api/storageservices/get-user-delegation-key
std::string key_info(Time start, Time expiry);
/// The value is remembered as a secret. @throws errors::ExternalDatasourceError
DelegationKey parse_delegation_key(std::string_view document);

/// An ETag without its quotes.
std::string plain_etag(std::string_view etag);

}  // namespace tinybird_cdk::cloud::azure
