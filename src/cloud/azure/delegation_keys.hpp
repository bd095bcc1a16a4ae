// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <stop_token>

#include "cloud/azure/requests.hpp"
#include "cloud/azure/sas.hpp"

namespace tinybird_cdk::cloud::azure {

/// User delegation keys, fetched when none of those at hand lives long enough. Thread-safe.
class DelegationKeys {
public:
    explicit DelegationKeys(Requests& requests) : requests_(requests) {}
    /// @return one that is valid until then at least. @throws errors::ExternalDatasourceError
    DelegationKey until(Time expiry, const std::stop_token& stop);

private:
    Requests& requests_;
    std::mutex mutex_;
    std::optional<DelegationKey> key_;
    Time key_expires_;
};

}  // namespace tinybird_cdk::cloud::azure
