// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/delegation_keys.hpp"

#include <algorithm>

#include "cloud/azure/documents.hpp"
#include "cloud/azure/refusal.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

/// The clock of the service may be behind this one; a key that has not begun yet signs nothing.
constexpr std::chrono::minutes skew{15};
/// Long enough for many signatures.
constexpr std::chrono::hours usual_life{24};

}  // namespace

DelegationKey DelegationKeys::until(Time expiry, const std::stop_token& stop) {
    const std::lock_guard lock(mutex_);
    if (key_ && key_expires_ >= expiry) {
        return *key_;
    }
    const Time now = requests_.transport().clock().wall_now();
    // The service allows at most seven days from now, which is also what public_url() allows.
    const std::string document = key_info(now - skew, std::max(expiry, now + usual_life));
    const http::Response response =
        requests_.send(Call{.method = "POST",
                            .parameters = {{"restype", "service"}, {"comp", "userdelegationkey"}},
                            .headers = {{"Content-Type", "application/xml"}},
                            .content = document},
                       stop);
    if (!succeeded(response)) {
        refuse(response, "asking for a user delegation key, which signs public URLs");
    }
    key_ = parse_delegation_key(response.body);
    key_expires_ = *parse_iso_time(key_->expiry);
    return *key_;
}

}  // namespace tinybird_cdk::cloud::azure
