// SPDX-License-Identifier: Apache-2.0
/// Joined loads and loads of what is new, from fake-gcs-server into a local Tinybird.
#include "connectors/cloud/loads.hpp"
#include "store.hpp"

namespace tinybird_cdk::testing {
namespace {

class GcsStore final : public LoadStore {
public:
    [[nodiscard]] Environment environment() const override { return environment_; }
    [[nodiscard]] cloud::Client& client() override { return client_; }
    [[nodiscard]] const std::string& bucket() const override { return bucket_; }

private:
    const Environment environment_ = Environment::of({{"STORAGE_EMULATOR_HOST", cloud::gcs::server_url()}});
    const std::string bucket_ = cloud::gcs::new_bucket();
    cloud::gcs::Client client_{environment_};
};

LoadService gcs() {
    return {.connector = "gcs", .new_store = [] { return std::make_unique<GcsStore>(); }};
}

INSTANTIATE_TEST_SUITE_P(Gcs, JoinedLoads,
                         ::testing::Combine(::testing::Values(gcs()), ::testing::Values(Via::url, Via::stream)),
                         name_of_way);
INSTANTIATE_TEST_SUITE_P(Gcs, SinceLastLoads,
                         ::testing::Combine(::testing::Values(gcs()), ::testing::Values(Via::url, Via::stream)),
                         name_of_way);

}  // namespace
}  // namespace tinybird_cdk::testing
