// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/config.hpp>

namespace tinybird_cdk::cloud::azure {

/// A storage account, and what the environment says of how to get in. Neither key nor signature: by Microsoft Entra.
struct Account {
    std::string name;      ///< empty when only an endpoint of one's own is known
    std::string endpoint;  ///< as in "https://name.blob.core.windows.net", no slash at its end
    std::string key;       ///< decoded; empty: none
    std::string sas;       ///< without the question mark; empty: none

    [[nodiscard]] bool by_entra() const noexcept { return key.empty() && sas.empty(); }
    [[nodiscard]] bool https() const { return endpoint.starts_with("https://"); }
    /// The path of the endpoint, as that of an emulator: "/devstoreaccount1". Empty for most.
    [[nodiscard]] std::string path() const;
};

/// As the class comment of azure::Client says. Secrets are remembered by the logger.
/// @throws errors::MissingConfiguration, errors::InvalidArgument
Account account_of(const Environment& environment);

}  // namespace tinybird_cdk::cloud::azure
