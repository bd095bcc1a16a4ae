// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// V4 signatures in the query of a URL (https://cloud.google.com/storage/docs/authentication/canonical-requests).
namespace tinybird_cdk::cloud::gcs {

/// What is to be allowed. Names and values are plain text, not encoded.
struct UrlToSign {
    std::string method = "GET";
    std::string base;  ///< scheme and host, as in "https://storage.googleapis.com"
    std::string path;  ///< begins with a slash
    std::vector<std::pair<std::string, std::string>> headers = {};  ///< that the request must have, beside Host
    std::vector<std::pair<std::string, std::string>> query = {};
    std::chrono::system_clock::time_point when;
    std::chrono::seconds expires;
};

/// The texts that a signature goes through, for tests and for messages.
struct Canonical {
    std::string request;
    std::string string_to_sign;
    std::string url;  ///< all but the signature
};

/// @param email of the service account that signs
Canonical canonical_form(const UrlToSign& what, std::string_view email);

/// Makes an RSA signature with SHA-256 of these bytes.
using Sign = std::function<std::string(std::string_view bytes)>;

std::string signed_url(const UrlToSign& what, std::string_view email, const Sign& sign);

/// A key as it stands in the path of a URL: percent-encoded but for its slashes.
std::string encode_key(std::string_view key);

}  // namespace tinybird_cdk::cloud::gcs
