// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/provider.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/s3/sources.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

/// Instances and containers have new credentials at least five minutes before the old ones expire
/// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html).
constexpr std::chrono::minutes early{5};

/// Elsewhere nobody answers at those addresses, which should not take long to find out.
ClientOptions options_nearby(ClientOptions options) {
    options.connect_timeout = std::chrono::seconds(1);
    options.idle_timeout = std::chrono::seconds(2);
    options.retry.connection_attempts = 1;
    options.retry.first_delay = std::chrono::milliseconds(100);
    return options;
}

}  // namespace

Provider::Provider(Environment environment, const Profiles& profiles, Transport& services, const ClientOptions& options)
    : environment_(std::move(environment)),
      profiles_(profiles),
      services_(services),
      nearby_(options_nearby(options)) {}

Credentials Provider::get(const std::stop_token& stop) {
    const std::lock_guard lock(mutex_);
    const auto now = services_.clock().wall_now();
    if (known_ && (!known_->expires || now + early < *known_->expires)) {
        return *known_;
    }
    try {
        known_ = look(stop);
    } catch (const errors::InterruptedError&) {
        throw;
    } catch (const std::exception& error) {
        if (!known_ || now >= *known_->expires) {
            throw;
        }
        logger::warning(
            fmt::format("s3: the credentials can't be renewed, and are used until they expire: {}", error.what()));
    }
    return *known_;
}

bool Provider::drop(const Credentials& refused) {
    const std::lock_guard lock(mutex_);
    // Keys without an end would be the same again.
    if (!refused.expires) {
        return false;
    }
    if (known_ && known_->session_token.reveal() == refused.session_token.reveal()) {
        known_.reset();
    }
    return true;
}

Credentials Provider::look(const std::stop_token& stop) {
    const Context context{
        .environment = environment_, .profiles = profiles_, .services = services_, .nearby = nearby_, .stop = stop};
    if (auto found = from_variables(context)) {
        return *found;
    }
    if (auto found = from_web_identity(context)) {
        return *found;
    }
    if (auto found = from_profile(context, profiles_.name())) {
        return *found;
    }
    if (auto found = from_container(context)) {
        return *found;
    }
    std::string instance = "none";
    try {
        if (auto found = from_instance(context)) {
            return *found;
        }
    } catch (const errors::InterruptedError&) {
        throw;
    } catch (const errors::Error& error) {
        instance = error.what();
    }
    throw errors::MissingConfiguration(
        "AWS_ACCESS_KEY_ID",
        fmt::format("No credentials for S3 were found. Looked at: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; "
                    "AWS_WEB_IDENTITY_TOKEN_FILE; the profile {} in {}; AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
                    "_FULL_URI; the role of the instance ({}).",
                    profiles_.name(), profiles_.files(), instance));
}

}  // namespace tinybird_cdk::cloud::s3
