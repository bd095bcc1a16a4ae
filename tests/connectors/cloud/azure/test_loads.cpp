// SPDX-License-Identifier: Apache-2.0
/// Joined loads and loads of what is new, from Azurite into a local Tinybird.
#include "account.hpp"
#include "connectors/cloud/loads.hpp"

namespace tinybird_cdk::testing {
namespace {

class AzureStore final : public LoadStore {
public:
    [[nodiscard]] Environment environment() const override { return account_by_key(); }
    [[nodiscard]] cloud::Client& client() override { return client_; }
    [[nodiscard]] const std::string& bucket() const override { return container_.name(); }

private:
    TestContainer container_;
    cloud::azure::Client client_{account_by_key(), quick()};
};

LoadService azure() {
    return {.connector = "azure", .new_store = [] { return std::make_unique<AzureStore>(); }};
}

INSTANTIATE_TEST_SUITE_P(Azure, JoinedLoads,
                         ::testing::Combine(::testing::Values(azure()), ::testing::Values(Via::url, Via::stream)),
                         name_of_way);
INSTANTIATE_TEST_SUITE_P(Azure, SinceLastLoads,
                         ::testing::Combine(::testing::Values(azure()), ::testing::Values(Via::url, Via::stream)),
                         name_of_way);

}  // namespace
}  // namespace tinybird_cdk::testing
