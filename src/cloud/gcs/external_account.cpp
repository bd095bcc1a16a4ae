// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/external_account.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/crypto.hpp"
#include "cloud/gcs/impersonation.hpp"
#include "cloud/gcs/json_field.hpp"
#include "cloud/gcs/token_answer.hpp"
#include "cloud/small_file.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

/// "credential_source": where the identity's own token is. It is read anew for each exchange, for it expires too.
class SubjectToken {
public:
    SubjectToken(const nlohmann::json& account, const std::string& file) {
        const auto source = account.find("credential_source");
        if (source == account.end() || !source->is_object()) {
            throw errors::InvalidArgument(fmt::format("{} has no \"credential_source\"", file));
        }
        path_ = text_field(*source, "file").value_or("");
        url_ = text_field(*source, "url").value_or("");
        if (source->contains("environment_id") || (path_.empty() && url_.empty())) {
            throw errors::InvalidArgument(
                fmt::format("{} takes its token neither from a file nor from a URL, which is all that the kit knows",
                            file),
                "Use a credential_source with \"file\" or \"url\", or the key of a service account.");
        }
        if (const auto headers = source->find("headers"); headers != source->end() && headers->is_object()) {
            for (const auto& [name, value] : headers->items()) {
                if (value.is_string()) {
                    headers_.emplace_back(name, value.get<std::string>());
                    logger::remember_secret(value.get_ref<const std::string&>());
                }
            }
        }
        const auto format = source->find("format");
        if (format != source->end() && format->is_object() && text_field(*format, "type").value_or("text") == "json") {
            field_ = needed_field(*format, "subject_token_field_name", file);
        }
    }

    [[nodiscard]] std::string read(Transport& transport, const std::stop_token& stop) const {
        const std::string text = path_.empty() ? from_url(transport, stop) : from_file();
        std::optional<std::string> token;
        if (field_.empty()) {
            token = std::string(core::trim(text));
        } else if (const auto document = json_object(text)) {
            token = text_field(*document, field_);
        }
        if (!token || token->empty()) {
            throw errors::InvalidArgument(
                fmt::format("{} has no token{}", where(), field_.empty() ? "" : fmt::format(" in \"{}\"", field_)));
        }
        logger::remember_secret(*token);
        return std::move(*token);
    }

private:
    [[nodiscard]] std::string where() const { return path_.empty() ? logger::mask(url_) : path_; }

    [[nodiscard]] std::string from_file() const {
        auto [text, failure] = read_small_file(path_);
        if (!failure.empty()) {
            throw errors::InvalidArgument(fmt::format("the token file {} can't be read: {}", path_, failure),
                                          "The file of credentials names it in \"credential_source\".");
        }
        return std::move(text);
    }

    [[nodiscard]] std::string from_url(Transport& transport, const std::stop_token& stop) const {
        const auto make = [this] {
            http::Request request;
            request.url = url_;
            request.headers = headers_;
            return request;
        };
        auto answer = transport.send(make, "the token's source", stop);
        if (answer.status != 200) {
            throw errors::ExternalDatasourceError(fmt::format("no token from {}: {}", where(), refusal_of(answer)));
        }
        return std::move(answer.body);
    }

    std::string path_;
    std::string url_;
    std::string field_;  ///< empty: all is the token
    Pairs headers_;
};

class ExternalAccount final : public TokenSource {
public:
    ExternalAccount(const nlohmann::json& account, const std::string& file, Transport& transport)
        : transport_(transport),
          file_(file),
          subject_(account, file),
          audience_(needed_field(account, "audience", file)),
          subject_type_(needed_field(account, "subject_token_type", file)),
          exchange_(text_field(account, "token_url").value_or("https://sts.googleapis.com/v1/token")),
          client_id_(text_field(account, "client_id").value_or("")),
          client_secret_(text_field(account, "client_secret").value_or("")),
          workforce_project_(text_field(account, "workforce_pool_user_project").value_or("")) {
        logger::remember_secret(client_secret_.reveal());
    }

    Token fetch(const std::stop_token& stop) override {
        Pairs fields{{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                     {"audience", audience_},
                     {"scope", std::string(scope)},
                     {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                     {"subject_token_type", subject_type_},
                     {"subject_token", subject_.read(transport_, stop)}};
        Pairs headers;
        if (!client_id_.empty()) {
            headers.emplace_back("Authorization", "Basic " + base64(client_id_ + ":" + client_secret_.reveal()));
        } else if (!workforce_project_.empty()) {
            fields.emplace_back("options", nlohmann::json{{"userProject", workforce_project_}}.dump());
        }
        const auto answer =
            post(transport_, exchange_, "application/x-www-form-urlencoded", form_of(fields), headers, stop);
        return token_of(answer, description(), exchange_, transport_.clock());
    }
    [[nodiscard]] std::string description() const override { return fmt::format("the external account of {}", file_); }

private:
    Transport& transport_;
    const std::string file_;
    const SubjectToken subject_;
    const std::string audience_;
    const std::string subject_type_;
    const std::string exchange_;
    const std::string client_id_;
    const Secret client_secret_;
    const std::string workforce_project_;
};

std::chrono::seconds lifetime_of(const nlohmann::json& account) {
    constexpr std::chrono::seconds usual{3600};
    const auto found = account.find("service_account_impersonation");
    if (found == account.end() || !found->is_object()) {
        return usual;
    }
    const auto seconds = found->find("token_lifetime_seconds");
    return seconds != found->end() && seconds->is_number_integer() ? std::chrono::seconds(seconds->get<std::int64_t>())
                                                                   : usual;
}

}  // namespace

std::unique_ptr<TokenSource> external_account(const nlohmann::json& account, const std::string& file,
                                              Transport& transport) {
    auto source = std::make_unique<ExternalAccount>(account, file, transport);
    auto url = text_field(account, "service_account_impersonation_url");
    if (!url) {
        return source;
    }
    return impersonated(std::move(source), {.url = std::move(*url), .lifetime = lifetime_of(account)}, transport);
}

}  // namespace tinybird_cdk::cloud::gcs
