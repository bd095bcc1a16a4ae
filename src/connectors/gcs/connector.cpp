// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>

#include <tinybird_cdk/cloud/gcs.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/registry.hpp>

namespace tinybird_cdk::gcs {

namespace {

/// The variables that matter most; the client reads all that the service's own tools read.
constexpr std::array options{
    ConfigOption{.variable = "GOOGLE_APPLICATION_CREDENTIALS",
                 .default_value = "",
                 .text = "a file of credentials; without it those of gcloud, then those of the machine",
                 .required = false,
                 .secret = false},
    ConfigOption{.variable = "GOOGLE_CLOUD_QUOTA_PROJECT",
                 .default_value = "",
                 .text = "the project that pays for the requests, where the bucket says that the requester pays",
                 .required = false,
                 .secret = false},
    ConfigOption{.variable = "STORAGE_EMULATOR_HOST",
                 .default_value = "",
                 .text = "an emulator, as in http://127.0.0.1:4443",
                 .required = false,
                 .secret = false},
};

class Connector final : public CloudConnector {
public:
    explicit Connector(const Environment& environment) : CloudConnector(environment) {}

protected:
    /// Made at first use: a connector without credentials can be listed and described.
    cloud::Client& client_() override {
        if (!client_made_) {
            client_made_ = std::make_unique<cloud::gcs::Client>(environment());
        }
        return *client_made_;
    }

private:
    std::unique_ptr<cloud::gcs::Client> client_made_;
};

}  // namespace

}  // namespace tinybird_cdk::gcs

namespace tinybird_cdk::connector_specs {

const ConnectorSpec& gcs() {
    static const ConnectorSpec spec{
        .name = "gcs",
        .summary = "Objects of Google Cloud Storage",
        .kind = ConnectorKind::cloud,
        .options = tinybird_cdk::gcs::options,
        .documentation = "https://cloud.google.com/docs/authentication/application-default-credentials",
        .make = [](const Environment& environment) -> std::unique_ptr<tinybird_cdk::Connector> {
            return std::make_unique<tinybird_cdk::gcs::Connector>(environment);
        },
        .types = nullptr,
    };
    return spec;
}

}  // namespace tinybird_cdk::connector_specs
