// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/config.hpp>

/// What tests need of a store, whichever it is.
namespace tinybird_cdk::testing {

/// A bucket of a test's own in a real store.
class AnyStore {
public:
    AnyStore() = default;
    AnyStore(const AnyStore&) = delete;
    AnyStore& operator=(const AnyStore&) = delete;
    virtual ~AnyStore() = default;

    /// What the connector reads to get there, without Tinybird's variables.
    [[nodiscard]] virtual Environment environment() const = 0;
    [[nodiscard]] virtual cloud::Client& client() = 0;
    [[nodiscard]] virtual const std::string& bucket() const = 0;
};

struct AnyService {
    std::string connector;  ///< by which objects are loaded; tests that load nothing show it only
    std::function<std::unique_ptr<AnyStore>()> new_store;
};

inline void PrintTo(const AnyService& service, std::ostream* out) {
    *out << service.connector;
}

}  // namespace tinybird_cdk::testing
