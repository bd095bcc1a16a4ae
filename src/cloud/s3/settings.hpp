// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tinybird_cdk/config.hpp>

#include "cloud/s3/profiles.hpp"

namespace tinybird_cdk::cloud::s3 {

enum class Addressing { automatic, path, virtual_host };

/// Where requests go and what they say beside the request itself.
struct Settings {
    std::string region;    ///< empty: none was set
    std::string endpoint;  ///< scheme, host, port, path, with no slash at its end; empty: AWS's own
    Addressing addressing = Addressing::automatic;
    bool dual_stack = false;
    bool fips = false;
    bool requester_pays = false;
    std::string ca_file;

    /// What requests are signed for before a bucket says where it is.
    [[nodiscard]] std::string first_region() const { return region.empty() ? "us-east-1" : region; }
};

/// From variables, then from the profile. @throws errors::InvalidArgument for a value that means nothing
Settings settings_of(const Environment& environment, const Profiles& profiles);

/// The endpoint that variables or the profile set for a service ("s3", "sts", "sso"); empty: AWS's own. A service's own
/// comes before the general one (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
std::string endpoint_of(const Environment& environment, const Profiles& profiles, std::string_view service);
/// The region that variables or the profile set; empty: none.
std::string region_of(const Environment& environment, const Profiles& profiles);
/// The domain of AWS's services in a region.
std::string_view domain_of(std::string_view region);

/// The address of an object or a bucket, as a request needs it.
struct Address {
    std::string origin;  ///< scheme, host and port
    std::string host;    ///< as in the Host header
    std::string path;    ///< encoded, begins with a slash
};

/// @param key empty: the bucket itself
Address address_of(const Settings& settings, std::string_view region, std::string_view bucket, std::string_view key);
/// Takes a URL without a query apart. @throws errors::InvalidArgument when it is not http(s) with a host
Address address_of_url(std::string_view url);

}  // namespace tinybird_cdk::cloud::s3
