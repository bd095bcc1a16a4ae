// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <memory>

#include <tinybird_cdk/cloud/s3.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/registry.hpp>

namespace tinybird_cdk::s3 {

namespace {

/// The variables that matter most; the client reads all that the service's own tools read.
constexpr std::array options{
    ConfigOption{.variable = "AWS_ACCESS_KEY_ID",
                 .default_value = "",
                 .text = "the access key; without it profiles, roles and the machine are asked",
                 .required = false,
                 .secret = false},
    ConfigOption{.variable = "AWS_SECRET_ACCESS_KEY",
                 .default_value = "",
                 .text = "its secret",
                 .required = false,
                 .secret = true},
    ConfigOption{.variable = "AWS_SESSION_TOKEN",
                 .default_value = "",
                 .text = "the token of temporary credentials",
                 .required = false,
                 .secret = true},
    ConfigOption{.variable = "AWS_PROFILE",
                 .default_value = "default",
                 .text = "a profile of ~/.aws/config and ~/.aws/credentials",
                 .required = false,
                 .secret = false},
    ConfigOption{.variable = "AWS_REGION",
                 .default_value = "",
                 .text = "where the bucket is; learnt from S3 when it is another one",
                 .required = false,
                 .secret = false},
    ConfigOption{.variable = "AWS_ENDPOINT_URL_S3",
                 .default_value = "",
                 .text = "another store, as in http://127.0.0.1:9000; also AWS_ENDPOINT_URL",
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
            client_made_ = std::make_unique<cloud::s3::Client>(environment());
        }
        return *client_made_;
    }

private:
    std::unique_ptr<cloud::s3::Client> client_made_;
};

}  // namespace

}  // namespace tinybird_cdk::s3

namespace tinybird_cdk::connector_specs {

const ConnectorSpec& s3() {
    static const ConnectorSpec spec{
        .name = "s3",
        .summary = "Objects of Amazon S3, and of stores that speak its API",
        .kind = ConnectorKind::cloud,
        .options = tinybird_cdk::s3::options,
        .documentation = "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html",
        .make = [](const Environment& environment) -> std::unique_ptr<tinybird_cdk::Connector> {
            return std::make_unique<tinybird_cdk::s3::Connector>(environment);
        },
        .types = nullptr,
    };
    return spec;
}

}  // namespace tinybird_cdk::connector_specs
