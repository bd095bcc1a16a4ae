// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <stop_token>

#include <tinybird_cdk/config.hpp>

#include "cloud/s3/credentials.hpp"
#include "cloud/s3/profiles.hpp"
#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud::s3 {

/// The credentials in use. They are looked for in the order of AWS's own tools (docs/cloud/s3.md), and anew some
/// minutes before they expire. Thread-safe: one thread looks, others wait for it.
class Provider {
public:
    /// @param services must outlive it
    Provider(Environment environment, const Profiles& profiles, Transport& services, const ClientOptions& options);

    /// @throws errors::MissingConfiguration when there are none; what the place that should have them says
    Credentials get(const std::stop_token& stop);
    /// The store took these for expired. @return whether asking again may give others
    bool drop(const Credentials& refused);

private:
    Credentials look(const std::stop_token& stop);

    const Environment environment_;
    const Profiles profiles_;
    Transport& services_;
    Transport nearby_;
    std::mutex mutex_;
    std::optional<Credentials> known_;
};

}  // namespace tinybird_cdk::cloud::s3
