// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <tinybird_cdk/secret.hpp>

namespace tinybird_cdk::cloud::s3 {

/// What requests are signed with.
struct Credentials {
    std::string access_key;
    Secret secret_key;
    Secret session_token;                                          ///< empty: they are not temporary
    std::optional<std::chrono::system_clock::time_point> expires;  ///< nothing: never, as far as is known
};

}  // namespace tinybird_cdk::cloud::s3
