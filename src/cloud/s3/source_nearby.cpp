// SPDX-License-Identifier: Apache-2.0
/// Endpoints of the machine that the program runs on: containers
/// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html) and instances
/// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html).
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/s3/settings.hpp"
#include "cloud/s3/sources.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

constexpr int done = 200;
constexpr int not_found = 404;

http::Response ask(const Context& context, std::string method, std::string url, std::string header, std::string value,
                   std::string_view who) {
    return context.nearby.send(
        [&] {
            http::Request request;
            request.method = method;
            request.url = url;
            if (!value.empty()) {
                request.headers.emplace_back(header, value);
            }
            return request;
        },
        who, context.stop);
}

/// A token may go to the machine itself and to the containers' agents, or over TLS.
void check_container_url(const std::string& url) {
    const Address address = address_of_url(url.substr(0, url.find('?')));
    constexpr std::array<std::string_view, 6> allowed{"127.0.0.1",     "localhost",      "[::1]",
                                                      "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
    const std::size_t bracket = address.host.find(']');
    const std::size_t colon = address.host.find(':', bracket == std::string::npos ? 0 : bracket);
    const std::string_view host = std::string_view(address.host).substr(0, colon);
    if (!address.origin.starts_with("https://") && std::find(allowed.begin(), allowed.end(), host) == allowed.end()) {
        throw errors::InvalidArgument(
            fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI names the host {}: without TLS only loopback and the "
                        "addresses of ECS and EKS are allowed",
                        address.host));
    }
}

}  // namespace

std::optional<Credentials> from_container(const Context& context) {
    const auto relative = filled(context.environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const auto full = filled(context.environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative && !full) {
        return std::nullopt;
    }
    const std::string url = relative ? "http://169.254.170.2" + *relative : *full;
    check_container_url(url);
    std::string token;
    if (const auto file = filled(context.environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
        token = read_token(*file, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    } else {
        token = filled(context.environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
        logger::remember_secret(token);
    }
    constexpr std::string_view who = "the container's credentials endpoint";
    const http::Response answer = ask(context, "GET", url, "Authorization", token, who);
    if (answer.status != done) {
        constexpr std::size_t shown_bytes = 300;
        // Masked before it is cut: half a secret would not be known as one.
        throw errors::ExternalDatasourceError(fmt::format("{} answered with status {}: {}", who, answer.status,
                                                          logger::mask(answer.body).substr(0, shown_bytes)));
    }
    return parse_credentials(answer.body, "Token", who);
}

std::optional<Credentials> from_instance(const Context& context) {
    if (core::equal_ignoring_case(context.environment.get("AWS_EC2_METADATA_DISABLED").value_or(""), "true")) {
        return std::nullopt;
    }
    const bool six = core::equal_ignoring_case(
        context.environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").value_or(""), "ipv6");
    std::string base = filled(context.environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT")
                           .value_or(six ? "http://[fd00:ec2::254]" : "http://169.254.169.254");
    while (base.ends_with('/')) {
        base.pop_back();
    }
    constexpr std::string_view who = "the instance metadata service";
    const auto check = [&](const http::Response& answer) -> const http::Response& {
        if (answer.status != done) {
            throw errors::ExternalDatasourceError(fmt::format("{} answered with status {}", who, answer.status));
        }
        return answer;
    };
    const std::string token =
        check(ask(context, "PUT", base + "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds", "21600", who))
            .body;
    logger::remember_secret(token);
    const std::string roles = base + "/latest/meta-data/iam/security-credentials/";
    constexpr const char* header = "X-aws-ec2-metadata-token";
    const http::Response names = ask(context, "GET", roles, header, token, who);
    if (names.status == not_found) {
        return std::nullopt;  // an instance without a role
    }
    const std::string role(core::trim(core::split(check(names).body, '\n').front()));
    return parse_credentials(check(ask(context, "GET", roles + role, header, token, who)).body, "Token", who);
}

}  // namespace tinybird_cdk::cloud::s3
