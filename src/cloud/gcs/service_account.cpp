// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/service_account.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/crypto.hpp"
#include "cloud/gcs/json_field.hpp"
#include "cloud/gcs/token_answer.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

/// The longest that Google allows.
constexpr std::chrono::hours assertion_lifetime{1};

class ServiceAccount final : public TokenSource {
public:
    ServiceAccount(const nlohmann::json& key, const std::string& file, Transport& transport)
        : transport_(transport),
          file_(file),
          email_(needed_field(key, "client_email", file)),
          private_key_(needed_field(key, "private_key", file)),
          key_id_(text_field(key, "private_key_id").value_or("")),
          token_url_(text_field(key, "token_uri").value_or("https://oauth2.googleapis.com/token")) {
        logger::remember_secret(private_key_.reveal());
        try {
            static_cast<void>(rsa_sha256_sign(private_key_.reveal(), ""));
        } catch (const errors::InvalidArgument& error) {
            throw errors::InvalidArgument(fmt::format("\"private_key\" of {}: {}", file_, error.what()),
                                          "Write the file anew, with gcloud or in Google's console.");
        }
    }

    Token fetch(const std::stop_token& stop) override {
        const std::string form =
            form_of({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", assertion()}});
        const auto answer = post(transport_, token_url_, "application/x-www-form-urlencoded", form, {}, stop);
        return token_of(answer, description(), token_url_, transport_.clock());
    }
    std::string email(const std::stop_token& /*stop*/) override { return email_; }
    [[nodiscard]] Secret private_key() const override { return private_key_; }
    [[nodiscard]] std::string description() const override {
        return fmt::format("the service account {} of {}", email_, file_);
    }

private:
    [[nodiscard]] std::string assertion() const {
        const auto now =
            std::chrono::duration_cast<std::chrono::seconds>(transport_.clock().wall_now().time_since_epoch());
        nlohmann::json header{{"alg", "RS256"}, {"typ", "JWT"}};
        if (!key_id_.empty()) {
            header["kid"] = key_id_;
        }
        const nlohmann::json claims{{"iss", email_},
                                    {"scope", scope},
                                    {"aud", token_url_},
                                    {"iat", now.count()},
                                    {"exp", (now + assertion_lifetime).count()}};
        const std::string signed_part = base64url(header.dump()) + "." + base64url(claims.dump());
        std::string signed_assertion =
            signed_part + "." + base64url(rsa_sha256_sign(private_key_.reveal(), signed_part));
        // Whoever has it gets tokens for an hour.
        logger::remember_secret(signed_assertion);
        return signed_assertion;
    }

    Transport& transport_;
    const std::string file_;
    const std::string email_;
    const Secret private_key_;
    const std::string key_id_;
    const std::string token_url_;
};

}  // namespace

std::unique_ptr<TokenSource> service_account(const nlohmann::json& key, const std::string& file, Transport& transport) {
    return std::make_unique<ServiceAccount>(key, file, transport);
}

}  // namespace tinybird_cdk::cloud::gcs
