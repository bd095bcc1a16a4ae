// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/workforce_user.hpp"

#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

#include "cloud/crypto.hpp"
#include "cloud/gcs/json_field.hpp"
#include "cloud/gcs/token_answer.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

class WorkforceUser final : public TokenSource {
public:
    WorkforceUser(const nlohmann::json& user, const std::string& file, Transport& transport)
        : transport_(transport),
          file_(file),
          client_id_(needed_field(user, "client_id", file)),
          client_secret_(needed_field(user, "client_secret", file)),
          refresh_token_(needed_field(user, "refresh_token", file)),
          token_url_(needed_field(user, "token_url", file)) {
        logger::remember_secret(client_secret_.reveal());
        logger::remember_secret(refresh_token_.reveal());
    }

    Token fetch(const std::stop_token& stop) override {
        const std::lock_guard lock(mutex_);
        const std::string form = form_of({{"grant_type", "refresh_token"}, {"refresh_token", refresh_token_.reveal()}});
        const std::string client = base64(client_id_ + ":" + client_secret_.reveal());
        const auto answer = post(transport_, token_url_, "application/x-www-form-urlencoded", form,
                                 {{"Authorization", "Basic " + client}}, stop);
        Token token = token_of(answer, description(), token_url_, transport_.clock());
        // The service may give another one, in place of the one that it was asked with.
        const auto document = json_object(answer.body);
        if (auto next = document ? text_field(*document, "refresh_token") : std::nullopt; next && !next->empty()) {
            logger::remember_secret(*next);
            refresh_token_ = Secret(*std::move(next));
        }
        return token;
    }
    [[nodiscard]] std::string description() const override { return fmt::format("the workforce user of {}", file_); }

private:
    Transport& transport_;
    const std::string file_;
    const std::string client_id_;
    const Secret client_secret_;
    std::mutex mutex_;
    Secret refresh_token_;  ///< guarded
    const std::string token_url_;
};

}  // namespace

std::unique_ptr<TokenSource> workforce_user(const nlohmann::json& user, const std::string& file, Transport& transport) {
    return std::make_unique<WorkforceUser>(user, file, transport);
}

}  // namespace tinybird_cdk::cloud::gcs
