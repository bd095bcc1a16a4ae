// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/impersonation.hpp"

#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/gcs/json_field.hpp"
#include "cloud/gcs/resource.hpp"
#include "cloud/gcs/token_answer.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

/// What stands between the last slash and ":generateAccessToken".
std::string account_of(const std::string& url) {
    constexpr std::string_view method = ":generateAccessToken";
    const std::size_t slash = url.rfind('/');
    if (!url.ends_with(method) || slash == std::string::npos || slash + 1 + method.size() >= url.size()) {
        throw errors::InvalidArgument(
            fmt::format("service_account_impersonation_url names no service account: {}", logger::mask(url)));
    }
    const std::string name = url.substr(slash + 1, url.size() - method.size() - slash - 1);
    return core::url_decode(name).value_or(name);
}

class Impersonated final : public TokenSource {
public:
    Impersonated(std::unique_ptr<TokenSource> source, Impersonation as, Transport& transport)
        : transport_(transport), source_(std::move(source)), as_(std::move(as)), email_(account_of(as_.url)) {}

    Token fetch(const std::stop_token& stop) override {
        const Token own = source_->fetch(stop);
        const nlohmann::json request{
            {"delegates", as_.delegates}, {"scope", {scope}}, {"lifetime", fmt::format("{}s", as_.lifetime.count())}};
        const auto answer = post(transport_, as_.url, "application/json", request.dump(),
                                 {{"Authorization", "Bearer " + own.text.reveal()}}, stop);
        if (answer.status != 200) {
            refuse_token(answer, description(), as_.url);
        }
        const auto document = json_object(answer.body);
        const auto text = document ? text_field(*document, "accessToken") : std::nullopt;
        const auto expires = document ? text_field(*document, "expireTime") : std::nullopt;
        const auto when = expires ? time_of(*expires) : std::nullopt;
        if (!text || !when) {
            throw errors::ExternalDatasourceError(
                fmt::format("no access token for {}: the answer of {} has none", description(), logger::mask(as_.url)));
        }
        logger::remember_secret(*text);
        return {.text = Secret(*text), .expires = *when};
    }
    std::string email(const std::stop_token& /*stop*/) override { return email_; }
    TokenSource* asks_for_signatures() override { return as_.source_signs ? source_.get() : nullptr; }
    [[nodiscard]] std::string description() const override {
        return fmt::format("the service account {}, as which acts {}", email_, source_->description());
    }

private:
    Transport& transport_;
    const std::unique_ptr<TokenSource> source_;
    const Impersonation as_;
    const std::string email_;
};

}  // namespace

std::unique_ptr<TokenSource> impersonated(std::unique_ptr<TokenSource> source, Impersonation as, Transport& transport) {
    return std::make_unique<Impersonated>(std::move(source), std::move(as), transport);
}

}  // namespace tinybird_cdk::cloud::gcs
