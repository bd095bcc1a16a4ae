// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/cloud/azure.hpp>
#include <tinybird_cdk/cloud/gcs.hpp>
#include <tinybird_cdk/cloud/s3.hpp>
#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::cloud {

namespace {

/// A service's client with its own limits, and what all clients can be told.
template <class Client, class Options>
std::unique_ptr<cloud::Client> make(const Environment& environment, const ClientOptions& shared) {
    Options options;
    static_cast<ClientOptions&>(options) = shared;
    return std::make_unique<Client>(environment, options);
}

}  // namespace

std::unique_ptr<Client> client_for(std::string_view service, const Environment& environment,
                                   const ClientOptions& options) {
    if (service == "s3") {
        return make<s3::Client, s3::Options>(environment, options);
    }
    if (service == "gcs" || service == "gs") {
        return make<gcs::Client, gcs::Options>(environment, options);
    }
    if (service == "azure") {
        return make<azure::Client, azure::Options>(environment, options);
    }
    throw errors::UnsupportedCloudServiceError(fmt::format("there is no client for the cloud service \"{}\"", service),
                                               "The services are s3, gcs and azure.");
}

}  // namespace tinybird_cdk::cloud
