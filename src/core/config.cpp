// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/config.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"

namespace tinybird_cdk {

Environment Environment::process() {
    return {};
}

Environment Environment::of(std::map<std::string, std::string, std::less<>> variables) {
    Environment environment;
    environment.from_process_ = false;
    environment.overrides_ = std::move(variables);
    return environment;
}

std::optional<std::string> Environment::get(std::string_view name) const {
    const auto found = overrides_.find(name);
    if (found != overrides_.end()) {
        return found->second;
    }
    if (from_process_) {
        // getenv is safe beside other readers; the kit never changes the environment.
        const char* const value = std::getenv(std::string(name).c_str());  // NOLINT(concurrency-mt-unsafe)
        if (value != nullptr) {
            return value;
        }
    }
    return std::nullopt;
}

Environment Environment::with(std::string name, std::string value) const {
    Environment copy = *this;
    copy.overrides_.insert_or_assign(std::move(name), std::move(value));
    return copy;
}

namespace config {

namespace {

constexpr std::string_view default_endpoint = "https://api.tinybird.co";

constexpr std::array tinybird_table{
    ConfigOption{"TB_CDK_TOKEN", "", "the Tinybird token", true, true},
    ConfigOption{"TB_CDK_TAG", "", "a name for this script: part of each log line, sent with each request", true,
                 false},
    ConfigOption{"TB_CDK_ENDPOINT", default_endpoint, "the URL of Tinybird's API in your region", false, false},
    ConfigOption{"TB_CDK_LIMITS", "", "Tinybird's limits where they differ, as in imports_per_minute=25,v1_bytes=1GB",
                 false, false},
    ConfigOption{"TB_CDK_CA_FILE", "",
                 "a file of PEM certificates to trust instead of the system's (else SSL_CERT_FILE)", false, false}};

std::string get_filled(std::string_view variable, const Environment& environment) {
    std::string value = environment.get(variable).value_or("");
    if (value.empty()) {
        throw errors::MissingConfiguration(
            variable, fmt::format("Set it: export {}=…, or use --local to try without an account.", variable));
    }
    return value;
}

/// Both values become part of request headers, where a line break would begin another header.
void refuse_control_characters(std::string_view variable, std::string_view value) {
    if (std::any_of(value.begin(), value.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; })) {
        throw errors::InvalidArgument(fmt::format("{} has a control character in it", variable),
                                      "Look for a line break at its end.");
    }
}

/// "host", "host:8080" or "[::1]:8080" (RFC 3986 §3.2).
bool is_authority(std::string_view text) noexcept {
    const std::size_t host_end = text.starts_with('[') ? text.find(']') : text.find(':');
    if (text.empty() || host_end == 0) {
        return false;
    }
    if (host_end == std::string_view::npos) {
        return text.front() != '[';
    }
    std::string_view port = text.substr(text.front() == '[' ? host_end + 1 : host_end);
    if (port.empty()) {
        return true;
    }
    if (port.front() != ':') {
        return false;
    }
    port.remove_prefix(1);
    int number = 0;
    const auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
    return parsed.ec == std::errc() && parsed.ptr == port.data() + port.size() && number > 0 && number < 65536;
}

std::string checked_endpoint(std::string endpoint) {
    const auto refuse = [&](std::string_view why) {
        throw errors::InvalidArgument(fmt::format("TB_CDK_ENDPOINT is \"{}\": {}", logger::mask(endpoint), why),
                                      fmt::format("Write it as in {}.", default_endpoint));
    };
    std::string_view rest = endpoint;
    if (core::starts_with_ignoring_case(rest, "https://")) {
        rest.remove_prefix(8);
    } else if (core::starts_with_ignoring_case(rest, "http://")) {
        rest.remove_prefix(7);
    } else {
        refuse("it must begin with https:// or http://");
    }
    if (rest.find_first_of("@?# \\") != std::string_view::npos) {
        refuse("it must be a plain URL, without credentials, parameters or blanks");
    }
    if (!is_authority(rest.substr(0, rest.find('/')))) {
        refuse("it names no host, or a port that is none");
    }
    while (endpoint.ends_with('/')) {
        endpoint.pop_back();
    }
    return endpoint;
}

}  // namespace

std::string get(std::string_view variable, const Environment& environment) {
    if (auto value = environment.get(variable)) {
        return *std::move(value);
    }
    throw errors::MissingConfiguration(variable);
}

std::optional<std::string> get_optional(std::string_view variable, const Environment& environment) {
    return environment.get(variable);
}

std::string get_or(std::string_view variable, std::string_view default_value, const Environment& environment) {
    return environment.get(variable).value_or(std::string(default_value));
}

Tinybird tinybird(const Environment& environment) {
    Tinybird result;
    std::string token = get_filled("TB_CDK_TOKEN", environment);
    logger::remember_secret(token);
    refuse_control_characters("TB_CDK_TOKEN", token);
    result.token = Secret(std::move(token));
    result.tag = get_filled("TB_CDK_TAG", environment);
    refuse_control_characters("TB_CDK_TAG", result.tag);
    std::string endpoint = get_or("TB_CDK_ENDPOINT", "", environment);
    refuse_control_characters("TB_CDK_ENDPOINT", endpoint);
    result.endpoint = checked_endpoint(endpoint.empty() ? std::string(default_endpoint) : std::move(endpoint));
    for (const std::string_view variable : {"TB_CDK_CA_FILE", "SSL_CERT_FILE"}) {
        if (result.ca_file.empty()) {
            result.ca_file = get_or(variable, "", environment);
        }
    }
    if (result.on_loopback()) {
        result.limits.imports_per_minute = 0;
        result.limits.event_bytes_per_second = 0;
        result.limits.event_requests_per_second = 0;
    }
    result.limits = result.limits.with(get_or("TB_CDK_LIMITS", "", environment));
    return result;
}

bool Tinybird::on_loopback() const {
    std::string_view host = endpoint;
    host.remove_prefix(std::min(host.size(), host.find("://") == std::string_view::npos ? 0 : host.find("://") + 3));
    host = host.substr(0, host.find('/'));
    const std::size_t bracket = host.find(']');
    host = bracket == std::string_view::npos ? host.substr(0, host.find(':')) : host.substr(0, bracket + 1);
    return core::equal_ignoring_case(host, "localhost") || host == "[::1]" || host.starts_with("127.");
}

std::span<const ConfigOption> tinybird_options() noexcept {
    return tinybird_table;
}

}  // namespace config
}  // namespace tinybird_cdk
