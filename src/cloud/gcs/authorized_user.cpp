// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/authorized_user.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

#include "cloud/gcs/json_field.hpp"
#include "cloud/gcs/token_answer.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

class AuthorizedUser final : public TokenSource {
public:
    AuthorizedUser(const nlohmann::json& user, const std::string& file, Transport& transport)
        : transport_(transport),
          file_(file),
          client_id_(needed_field(user, "client_id", file)),
          client_secret_(needed_field(user, "client_secret", file)),
          refresh_token_(needed_field(user, "refresh_token", file)),
          token_url_(text_field(user, "token_uri").value_or("https://oauth2.googleapis.com/token")) {
        logger::remember_secret(client_secret_.reveal());
        logger::remember_secret(refresh_token_.reveal());
    }

    Token fetch(const std::stop_token& stop) override {
        const std::string form = form_of({{"grant_type", "refresh_token"},
                                          {"client_id", client_id_},
                                          {"client_secret", client_secret_.reveal()},
                                          {"refresh_token", refresh_token_.reveal()}});
        const auto answer = post(transport_, token_url_, "application/x-www-form-urlencoded", form, {}, stop);
        return token_of(answer, description(), token_url_, transport_.clock());
    }
    [[nodiscard]] std::string description() const override { return fmt::format("the user of {}", file_); }

private:
    Transport& transport_;
    const std::string file_;
    const std::string client_id_;
    const Secret client_secret_;
    const Secret refresh_token_;
    const std::string token_url_;
};

}  // namespace

std::unique_ptr<TokenSource> authorized_user(const nlohmann::json& user, const std::string& file,
                                             Transport& transport) {
    return std::make_unique<AuthorizedUser>(user, file, transport);
}

}  // namespace tinybird_cdk::cloud::gcs
