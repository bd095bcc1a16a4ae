// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cloud/s3/credentials.hpp"

/// Signature Version 4 (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html). Pure
/// functions of request, secret and time.
namespace tinybird_cdk::cloud::s3 {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// What a signature covers.
struct Signable {
    std::string method = "GET";
    std::string host = {};  ///< as in the Host header: with the port unless it is the scheme's own
    std::string path = {};  ///< as in the URL, percent-encoded once
    Pairs query = {};       ///< not encoded
    Pairs headers = {};
    std::string payload_hash = {};  ///< SHA-256 of the body in hexadecimal, or unsigned_payload
};

inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
/// SHA-256 of nothing.
inline constexpr std::string_view empty_payload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Where a signature holds.
struct Scope {
    std::string region;
    std::string service = "s3";
};

/// A key in a URL's path: percent-encoded but for its slashes.
std::string encode_key(std::string_view key);
/// A query as it is signed: encoded, sorted by the encoded names.
std::string encode_query(const Pairs& query);

/// The request's headers with those that sign it. The Host header is signed but not among them.
Pairs signed_headers(const Signable& request, const Credentials& credentials, const Scope& scope,
                     std::chrono::system_clock::time_point now);
/// The query of a URL that is signed itself. The headers of the request are part of what is signed, its payload hash
/// is not looked at.
std::string signed_query(const Signable& request, const Credentials& credentials, const Scope& scope,
                         std::chrono::system_clock::time_point now, std::chrono::seconds expires);

}  // namespace tinybird_cdk::cloud::s3
