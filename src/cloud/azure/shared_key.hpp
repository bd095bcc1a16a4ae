// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Shared Key: how the key of an account signs requests. Pure functions.
/// https://learn.microsoft.com/en-us/rest/api/storageservices/authorize-with-shared-key
namespace tinybird_cdk::cloud::azure {

/// Of a request, or of the query of a URL; values as they are, not encoded.
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// What is signed of a request. The service takes the same from what it gets.
struct SignedParts {
    std::string_view method;
    std::string_view path;  ///< of the URL, encoded, as it is sent
    Pairs parameters;       ///< of the URL's query
    Pairs headers;          ///< all that are sent, but for Authorization and Content-Length
    std::uint64_t content_length = 0;
};

/// The text that is signed.
std::string shared_key_text(std::string_view account, const SignedParts& parts);
/// The value of the Authorization header. @param key the account's key, decoded
std::string shared_key_authorization(std::string_view account, std::string_view key, const SignedParts& parts);

/// A blob's name or a container's as the path of a URL: all but slashes and RFC 3986's unreserved characters is
/// encoded, as Microsoft's libraries do it.
std::string encode_path(std::string_view name);

}  // namespace tinybird_cdk::cloud::azure
