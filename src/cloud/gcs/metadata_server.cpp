// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/metadata_server.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/gcs/token_answer.hpp"
#include "cloud/transport.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

/// Nobody waits long for a server that is on the same machine or nowhere (google-auth asks for 3 seconds too).
constexpr std::chrono::milliseconds patience{3000};
constexpr std::string_view flavor = "Metadata-Flavor";

ClientOptions impatient(ClientOptions options) {
    options.connect_timeout = std::min(options.connect_timeout, patience);
    options.retry.connection_attempts = std::min(options.retry.connection_attempts, 2);
    return options;
}

class MetadataServer final : public TokenSource {
public:
    MetadataServer(std::string host, const ClientOptions& options)
        : host_(std::move(host)), transport_(impatient(options)) {}

    /// Whether the one at `address` says that he is it. Other servers may well answer at an address that is not routed.
    bool answers_at(const std::string& address, const std::stop_token& stop) {
        try {
            return is_genuine(get("http://" + address + "/", stop));
        } catch (const errors::ExternalDatasourceError&) {
            return false;
        }
    }

    Token fetch(const std::stop_token& stop) override {
        const std::string url = account_url("token");
        const http::Response answer = get(url, stop);
        need_genuine(answer, url);
        return token_of(answer, description(), url, transport_.clock());
    }

    std::string email(const std::stop_token& stop) override {
        if (email_.empty()) {
            const std::string url = account_url("email");
            const http::Response answer = get(url, stop);
            need_genuine(answer, url);
            if (answer.status != 200) {
                throw errors::ExternalDatasourceError(
                    fmt::format("the metadata server does not say who this machine is: {}", refusal_of(answer)));
            }
            email_ = core::trim(answer.body);
        }
        return email_;
    }

    [[nodiscard]] std::string description() const override {
        return fmt::format("this machine's service account by the metadata server {}", host_);
    }

private:
    [[nodiscard]] std::string account_url(std::string_view what) const {
        return fmt::format("http://{}/computeMetadata/v1/instance/service-accounts/default/{}", host_, what);
    }

    http::Response get(const std::string& url, const std::stop_token& stop) {
        const auto make = [&url] {
            http::Request request;
            request.url = url;
            request.headers = {{std::string(flavor), "Google"}};
            return request;
        };
        return transport_.send(make, "metadata server", stop);
    }

    static bool is_genuine(const http::Response& answer) { return answer.header("metadata-flavor") == "Google"; }

    void need_genuine(const http::Response& answer, const std::string& url) const {
        if (!is_genuine(answer)) {
            throw errors::ExternalDatasourceError(
                fmt::format("{} answers without the header {}: it is not Google's metadata server", url, flavor), {},
                "Check GCE_METADATA_HOST, and that no proxy stands before that address.");
        }
    }

    const std::string host_;
    Transport transport_;
    std::string email_;
};

bool is_true(const std::optional<std::string>& value) {
    return value && core::equal_ignoring_case(core::trim(*value), "true");
}

std::string value_or(const Environment& environment, std::string_view variable, std::string_view otherwise) {
    const auto value = environment.get(variable);
    return std::string(value && !value->empty() ? std::string_view(*value) : otherwise);
}

}  // namespace

std::unique_ptr<TokenSource> metadata_server(const Environment& environment, const ClientOptions& options,
                                             const std::stop_token& stop) {
    if (is_true(environment.get("NO_GCE_CHECK"))) {
        return nullptr;
    }
    const std::string host = value_or(environment, "GCE_METADATA_HOST", "metadata.google.internal");
    // By its address first: looking up a name that does not exist may take long. A host that was named is asked itself.
    const bool named = environment.get("GCE_METADATA_HOST").value_or("") == host;
    const std::string address =
        value_or(environment, "GCE_METADATA_IP", named ? std::string_view(host) : "169.254.169.254");
    auto server = std::make_unique<MetadataServer>(host, options);
    if (!server->answers_at(address, stop)) {
        return nullptr;
    }
    return server;
}

}  // namespace tinybird_cdk::cloud::gcs
