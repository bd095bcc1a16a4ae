// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "connectors/cloud/any_store.hpp"
#include "connectors/cloud/azure/account.hpp"

namespace tinybird_cdk::testing {

class AzureStore final : public AnyStore {
public:
    [[nodiscard]] Environment environment() const override { return account_by_key(); }
    [[nodiscard]] cloud::Client& client() override { return client_; }
    [[nodiscard]] const std::string& bucket() const override { return container_.name(); }

private:
    TestContainer container_;
    cloud::azure::Client client_{account_by_key(), quick()};
};

inline AnyService azure() {
    return {.connector = "azure", .new_store = [] { return std::make_unique<AzureStore>(); }};
}

}  // namespace tinybird_cdk::testing
