// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/signer.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cloud/crypto.hpp"
#include "cloud/s3/times.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

/// The time and the scope as they stand in a signature.
struct Stamp {
    std::string time;
    std::string scope;
};

Stamp stamp_of(const Scope& scope, std::chrono::system_clock::time_point now) {
    std::string time = basic_iso_time(now);
    std::string full = fmt::format("{}/{}/{}/aws4_request", time.substr(0, 8), scope.region, scope.service);
    return {std::move(time), std::move(full)};
}

/// Names in lower case, sorted, with the Host header.
Pairs canonical_headers(const Signable& request, const Pairs& headers) {
    Pairs canonical{{"host", request.host}};
    for (const auto& [name, value] : headers) {
        canonical.emplace_back(core::to_lower(name), core::trim(value));
    }
    std::sort(canonical.begin(), canonical.end());
    return canonical;
}

std::string names_of(const Pairs& canonical) {
    std::string names;
    for (const auto& [name, value] : canonical) {
        names += names.empty() ? name : ";" + name;
    }
    return names;
}

std::string canonical_request(const Signable& request, std::string_view query, const Pairs& headers,
                              std::string_view payload_hash) {
    std::string lines;
    for (const auto& [name, value] : headers) {
        lines += fmt::format("{}:{}\n", name, value);
    }
    return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path, query, lines, names_of(headers),
                       payload_hash);
}

std::string signature_of(const std::string& canonical, const Credentials& credentials, const Scope& scope,
                         const Stamp& stamp) {
    std::string key = hmac_sha256("AWS4" + credentials.secret_key.reveal(), std::string_view(stamp.time).substr(0, 8));
    for (const std::string_view part :
         {std::string_view(scope.region), std::string_view(scope.service), std::string_view("aws4_request")}) {
        key = hmac_sha256(key, part);
    }
    const std::string text = fmt::format("{}\n{}\n{}\n{}", algorithm, stamp.time, stamp.scope, hex(sha256(canonical)));
    return hex(hmac_sha256(key, text));
}

}  // namespace

std::string encode_key(std::string_view key) {
    std::string encoded;
    for (const std::string_view segment : core::split(key, '/')) {
        encoded += core::url_encode(segment) + "/";
    }
    encoded.pop_back();
    return encoded;
}

std::string encode_query(const Pairs& query) {
    Pairs encoded;
    for (const auto& [name, value] : query) {
        encoded.emplace_back(core::url_encode(name), core::url_encode(value));
    }
    std::sort(encoded.begin(), encoded.end());
    std::string text;
    for (const auto& [name, value] : encoded) {
        text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
    }
    return text;
}

Pairs signed_headers(const Signable& request, const Credentials& credentials, const Scope& scope,
                     std::chrono::system_clock::time_point now) {
    const Stamp stamp = stamp_of(scope, now);
    Pairs headers = request.headers;
    headers.emplace_back("x-amz-date", stamp.time);
    headers.emplace_back("x-amz-content-sha256", request.payload_hash);
    if (!credentials.session_token.empty()) {
        headers.emplace_back("x-amz-security-token", credentials.session_token.reveal());
    }
    const Pairs canonical = canonical_headers(request, headers);
    const std::string signature =
        signature_of(canonical_request(request, encode_query(request.query), canonical, request.payload_hash),
                     credentials, scope, stamp);
    headers.emplace_back("Authorization",
                         fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", algorithm,
                                     credentials.access_key, stamp.scope, names_of(canonical), signature));
    return headers;
}

std::string signed_query(const Signable& request, const Credentials& credentials, const Scope& scope,
                         std::chrono::system_clock::time_point now, std::chrono::seconds expires) {
    const Stamp stamp = stamp_of(scope, now);
    const Pairs headers = canonical_headers(request, request.headers);
    Pairs query = request.query;
    query.emplace_back("X-Amz-Algorithm", algorithm);
    query.emplace_back("X-Amz-Credential", fmt::format("{}/{}", credentials.access_key, stamp.scope));
    query.emplace_back("X-Amz-Date", stamp.time);
    query.emplace_back("X-Amz-Expires", std::to_string(expires.count()));
    query.emplace_back("X-Amz-SignedHeaders", names_of(headers));
    if (!credentials.session_token.empty()) {
        query.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
    }
    const std::string encoded = encode_query(query);
    return fmt::format(
        "{}&X-Amz-Signature={}", encoded,
        signature_of(canonical_request(request, encoded, headers, unsigned_payload), credentials, scope, stamp));
}

}  // namespace tinybird_cdk::cloud::s3
