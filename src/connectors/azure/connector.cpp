// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>

#include <tinybird_cdk/cloud/azure.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/registry.hpp>

namespace tinybird_cdk::azure {

namespace {

/// The variables that matter most; the client reads all that the service's own tools read.
constexpr std::array options{
    ConfigOption{.variable = "AZURE_STORAGE_CONNECTION_STRING",
                 .default_value = "",
                 .text = "all in one, as the portal gives it",
                 .required = false,
                 .secret = true},
    ConfigOption{.variable = "AZURE_STORAGE_ACCOUNT",
                 .default_value = "",
                 .text = "the storage account",
                 .required = false,
                 .secret = false},
    ConfigOption{
        .variable = "AZURE_STORAGE_KEY", .default_value = "", .text = "its key", .required = false, .secret = true},
    ConfigOption{.variable = "AZURE_STORAGE_SAS_TOKEN",
                 .default_value = "",
                 .text = "a shared access signature in place of the key",
                 .required = false,
                 .secret = true},
    ConfigOption{.variable = "AZURE_STORAGE_AUTH_MODE",
                 .default_value = "",
                 .text = "login: a service principal, a workload identity or the identity of the machine",
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
            client_made_ = std::make_unique<cloud::azure::Client>(environment());
        }
        return *client_made_;
    }

private:
    std::unique_ptr<cloud::azure::Client> client_made_;
};

}  // namespace

}  // namespace tinybird_cdk::azure

namespace tinybird_cdk::connector_specs {

const ConnectorSpec& azure() {
    static const ConnectorSpec spec{
        .name = "azure",
        .summary = "Objects of Azure Blob Storage",
        .kind = ConnectorKind::cloud,
        .options = tinybird_cdk::azure::options,
        .documentation = "https://learn.microsoft.com/en-us/azure/storage/blobs/authorize-data-operations-cli",
        .make = [](const Environment& environment) -> std::unique_ptr<tinybird_cdk::Connector> {
            return std::make_unique<tinybird_cdk::azure::Connector>(environment);
        },
        .types = nullptr,
    };
    return spec;
}

}  // namespace tinybird_cdk::connector_specs
