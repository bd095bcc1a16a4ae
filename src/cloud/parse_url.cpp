// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include <fmt/format.h>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::cloud {

namespace {

constexpr std::string_view forms =
    "Objects are named s3://BUCKET/KEY, gs://BUCKET/KEY, azure://CONTAINER/KEY, or by an https URL of one of these "
    "services.";

/// What stands before the first `separator`, and behind it.
std::pair<std::string_view, std::string_view> cut(std::string_view text, char separator) {
    const std::size_t at = text.find(separator);
    return at == std::string_view::npos ? std::pair{text, std::string_view()}
                                        : std::pair{text.substr(0, at), text.substr(at + 1)};
}

/// The host without `suffix`; nothing when it does not end in it.
std::optional<std::string_view> before(std::string_view host, std::string_view suffix) {
    if (!host.ends_with(suffix)) {
        return std::nullopt;
    }
    host.remove_suffix(suffix.size());
    return host;
}

/// A service's host, with the bucket in front of it or not.
struct Host {
    std::string service;
    std::string bucket;  ///< empty: the path begins with it
    std::string account;
};

/// BUCKET.s3.REGION.amazonaws.com, s3.REGION.amazonaws.com, both with s3-REGION, s3-fips, dualstack or without a region
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html). Buckets may have dots.
std::optional<Host> s3_host(std::string_view host) {
    auto name = before(host, ".amazonaws.com");
    name = name ? name : before(host, ".amazonaws.com.cn");
    if (!name) {
        return std::nullopt;
    }
    const auto parts = core::split(*name, '.');
    // From the right, for a bucket may be called "s3": at most "s3", "dualstack" and a region are the service's.
    for (std::size_t behind = 1; behind <= parts.size() && behind <= 3; ++behind) {
        const std::size_t at = parts.size() - behind;
        const bool fits = behind != 3 || parts[at + 1] == "dualstack";
        if (fits && (parts[at] == "s3" || parts[at].starts_with("s3-"))) {
            const std::size_t length = at == 0 ? 0 : static_cast<std::size_t>(parts[at].data() - name->data()) - 1;
            return Host{.service = "s3", .bucket = std::string(name->substr(0, length)), .account = {}};
        }
    }
    return std::nullopt;
}

/// https://cloud.google.com/storage/docs/request-endpoints
std::optional<Host> gcs_host(std::string_view host) {
    if (host == "storage.googleapis.com" || host == "storage.cloud.google.com") {
        return Host{.service = "gcs", .bucket = {}, .account = {}};
    }
    if (const auto bucket = before(host, ".storage.googleapis.com")) {
        return Host{.service = "gcs", .bucket = std::string(*bucket), .account = {}};
    }
    return std::nullopt;
}

/// BUCKET/KEY, or as the JSON API writes links: [download/]storage/v1/b/BUCKET/o/KEY
/// (https://cloud.google.com/storage/docs/json_api/v1/objects#resource, selfLink and mediaLink).
std::pair<std::string_view, std::string_view> bucket_and_key_of_gcs(std::string_view path) {
    for (const std::string_view begin : {"download/storage/v1/b/", "storage/v1/b/"}) {
        if (path.starts_with(begin)) {
            const auto [bucket, rest] = cut(path.substr(begin.size()), '/');
            if (rest.starts_with("o/")) {
                return {bucket, rest.substr(2)};
            }
        }
    }
    return cut(path, '/');
}

/// https://learn.microsoft.com/en-us/azure/storage/common/storage-account-overview#storage-account-endpoints
std::optional<Host> azure_host(std::string_view host) {
    const auto [account, rest] = cut(host, '.');
    if (rest.starts_with("blob.core.") ||
        (rest.starts_with('z') && cut(rest, '.').second == "blob.storage.azure.net")) {
        return Host{.service = "azure", .bucket = {}, .account = std::string(account)};
    }
    return std::nullopt;
}

Location of_https(std::string_view url, std::string_view rest) {
    rest = rest.substr(0, rest.find_first_of("?#"));
    const auto [authority, path] = cut(rest, '/');
    const std::string host = core::to_lower(cut(authority, ':').first);
    auto found = s3_host(host);
    found = found ? found : gcs_host(host);
    found = found ? found : azure_host(host);
    if (!found) {
        throw errors::UnsupportedCloudServiceError(
            fmt::format("{} is of no object store that the kit knows", logger::mask(url.substr(0, url.find('?')))),
            std::string(forms));
    }
    const auto decoded = core::url_decode(path);
    if (!decoded) {
        throw errors::InvalidArgument(fmt::format("{} has a malformed escape (%XX)", logger::mask(url)));
    }
    Location location{.service = found->service, .bucket = found->bucket, .key = *decoded, .account = found->account};
    if (location.bucket.empty()) {
        const auto [bucket, key] = location.service == "gcs" ? bucket_and_key_of_gcs(*decoded) : cut(*decoded, '/');
        location.bucket = bucket;
        location.key = key;
    }
    return location;
}

}  // namespace

Location parse_url(std::string_view url) {
    const std::size_t colon = url.find("://");
    const std::string scheme = colon == std::string_view::npos ? "" : core::to_lower(url.substr(0, colon));
    const std::string_view rest = scheme.empty() ? std::string_view() : url.substr(colon + 3);
    Location location;
    if (scheme == "https" || scheme == "http") {
        location = of_https(url, rest);
    } else {
        const auto [bucket, key] = cut(rest, '/');
        location.bucket = bucket;
        location.key = key;
        if (scheme == "s3") {
            location.service = "s3";
        } else if (scheme == "gs" || scheme == "gcs") {
            location.service = "gcs";
        } else if (scheme == "azure" || scheme == "az") {
            location.service = "azure";
        } else {
            throw errors::UnsupportedCloudServiceError(
                fmt::format("\"{}\" is no URL of an object store that the kit knows", logger::mask(url)),
                std::string(forms));
        }
    }
    if (location.bucket.empty()) {
        throw errors::InvalidArgument(fmt::format("{} names no bucket", logger::mask(url)), std::string(forms));
    }
    return location;
}

}  // namespace tinybird_cdk::cloud
