// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/settings.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/s3/signer.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

std::string setting(const Section& profile, std::string_view name) {
    const auto found = profile.find(name);
    return found == profile.end() ? std::string() : found->second;
}

/// The first that is there: a variable, or a setting of the profile.
std::string first_of(const Environment& environment, std::initializer_list<std::string_view> variables,
                     const Section& profile, std::initializer_list<std::string_view> names) {
    for (const std::string_view variable : variables) {
        if (auto value = filled(environment, variable)) {
            return *value;
        }
    }
    for (const std::string_view name : names) {
        if (auto value = setting(profile, name); !value.empty()) {
            return value;
        }
    }
    return {};
}

bool truth(const std::string& value, std::string_view what) {
    if (value.empty() || core::equal_ignoring_case(value, "false")) {
        return false;
    }
    if (core::equal_ignoring_case(value, "true")) {
        return true;
    }
    throw errors::InvalidArgument(fmt::format("{} is \"{}\": true or false are allowed", what, value));
}

Addressing addressing_of(const std::string& value) {
    if (value.empty() || value == "auto") {
        return Addressing::automatic;
    }
    if (value == "path") {
        return Addressing::path;
    }
    if (value == "virtual") {
        return Addressing::virtual_host;
    }
    throw errors::InvalidArgument(
        fmt::format("TB_CDK_S3_ADDRESSING_STYLE is \"{}\": auto, path or virtual are allowed", value));
}

/// Whether a bucket's name can be a label of a host's name that a certificate for *.s3.… covers.
bool is_label(std::string_view bucket) {
    return bucket.size() >= 3 && bucket.size() <= 63 && bucket.front() != '-' && bucket.back() != '-' &&
           std::all_of(bucket.begin(), bucket.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::string host_of_aws(const Settings& settings, std::string_view region) {
    return fmt::format("s3{}{}.{}.{}", settings.fips ? "-fips" : "", settings.dual_stack ? ".dualstack" : "", region,
                       domain_of(region));
}

/// Without the port that the scheme means anyway, as the Host header has it.
std::string without_default_port(std::string_view scheme, std::string_view host) {
    const std::string_view port = scheme == "https" ? ":443" : ":80";
    if (host.ends_with(port)) {
        host.remove_suffix(port.size());
    }
    return std::string(host);
}

}  // namespace

std::string_view domain_of(std::string_view region) {
    struct Partition {
        std::string_view prefix;
        std::string_view domain;
    };
    // The partitions beside AWS's own, as botocore's data/partitions.json has them.
    constexpr std::array<Partition, 6> others{{{"cn-", "amazonaws.com.cn"},
                                               {"eusc-", "amazonaws.eu"},
                                               {"us-iso-", "c2s.ic.gov"},
                                               {"us-isob-", "sc2s.sgov.gov"},
                                               {"eu-isoe-", "cloud.adc-e.uk"},
                                               {"us-isof-", "csp.hci.ic.gov"}}};
    for (const Partition& other : others) {
        if (region.starts_with(other.prefix)) {
            return other.domain;
        }
    }
    return "amazonaws.com";
}

std::string region_of(const Environment& environment, const Profiles& profiles) {
    return first_of(environment, {"AWS_REGION", "AWS_DEFAULT_REGION"},
                    profiles.profile(profiles.name()).value_or(Section()), {"region"});
}

std::string endpoint_of(const Environment& environment, const Profiles& profiles, std::string_view service) {
    const Section profile = profiles.profile(profiles.name()).value_or(Section());
    if (truth(first_of(environment, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}, profile,
                       {"ignore_configured_endpoint_urls"}),
              "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) {
        return {};
    }
    std::string upper = "AWS_ENDPOINT_URL_";
    std::transform(service.begin(), service.end(), std::back_inserter(upper),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    std::string endpoint = first_of(environment, {upper, "AWS_ENDPOINT_URL"}, {}, {});
    if (endpoint.empty()) {
        const Section services = profiles.section("services", setting(profile, "services")).value_or(Section());
        endpoint = setting(services, fmt::format("{}.endpoint_url", service));
    }
    if (endpoint.empty()) {
        endpoint = setting(profile, "endpoint_url");
    }
    while (endpoint.ends_with('/')) {
        endpoint.pop_back();
    }
    if (!endpoint.empty()) {
        address_of_url(endpoint);
    }
    return endpoint;
}

Settings settings_of(const Environment& environment, const Profiles& profiles) {
    const Section profile = profiles.profile(profiles.name()).value_or(Section());
    Settings settings;
    settings.region = region_of(environment, profiles);
    settings.endpoint = endpoint_of(environment, profiles, "s3");
    settings.addressing =
        addressing_of(first_of(environment, {"TB_CDK_S3_ADDRESSING_STYLE"}, profile, {"s3.addressing_style"}));
    settings.dual_stack = truth(first_of(environment, {"AWS_USE_DUALSTACK_ENDPOINT"}, profile,
                                         {"use_dualstack_endpoint", "s3.use_dualstack_endpoint"}),
                                "AWS_USE_DUALSTACK_ENDPOINT");
    settings.fips = truth(first_of(environment, {"AWS_USE_FIPS_ENDPOINT"}, profile, {"use_fips_endpoint"}),
                          "AWS_USE_FIPS_ENDPOINT");
    settings.requester_pays =
        truth(first_of(environment, {"TB_CDK_S3_REQUESTER_PAYS"}, {}, {}), "TB_CDK_S3_REQUESTER_PAYS");
    settings.ca_file = first_of(environment, {"AWS_CA_BUNDLE", "SSL_CERT_FILE"}, profile, {"ca_bundle"});
    return settings;
}

Address address_of_url(std::string_view url) {
    const std::size_t colon = url.find("://");
    const std::string scheme = core::to_lower(url.substr(0, colon));
    std::string_view rest = colon == std::string_view::npos ? std::string_view() : url.substr(colon + 3);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view host = rest.substr(0, slash);
    if ((scheme != "http" && scheme != "https") || host.empty() ||
        rest.find_first_of("@?# \t") != std::string_view::npos) {
        throw errors::InvalidArgument("the endpoint of an AWS service is no URL of the form http(s)://host[:port]",
                                      "See AWS_ENDPOINT_URL and the variables and settings like it.");
    }
    return {.origin = fmt::format("{}://{}", scheme, host),
            .host = without_default_port(scheme, host),
            .path = slash == rest.size() ? "/" : std::string(rest.substr(slash))};
}

Address address_of(const Settings& settings, std::string_view region, std::string_view bucket, std::string_view key) {
    const bool own = !settings.endpoint.empty();
    const Address base = address_of_url(own ? settings.endpoint : "https://" + host_of_aws(settings, region));
    const bool in_host = settings.addressing == Addressing::virtual_host ||
                         (settings.addressing == Addressing::automatic && !own && is_label(bucket));
    const std::string before = base.path == "/" ? "" : base.path;
    if (!in_host) {
        const std::string name = core::url_encode(bucket);
        return {.origin = base.origin,
                .host = base.host,
                .path = fmt::format("{}/{}{}{}", before, name, key.empty() ? "" : "/", encode_key(key))};
    }
    const std::size_t host = base.origin.find("://") + 3;
    return {.origin = fmt::format("{}{}.{}", base.origin.substr(0, host), bucket, base.origin.substr(host)),
            .host = fmt::format("{}.{}", bucket, base.host),
            .path = fmt::format("{}/{}", before, encode_key(key))};
}

}  // namespace tinybird_cdk::cloud::s3
