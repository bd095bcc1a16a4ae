// SPDX-License-Identifier: Apache-2.0
/// What all services keep, kept by each of the stores that speak S3's protocol.
#include "connectors/cloud/contract.hpp"
#include "store.hpp"

namespace tinybird_cdk::testing {
namespace {

class S3Store final : public AnyStore {
public:
    explicit S3Store(const Store& store) : environment_(store.environment()), client_(environment_, quick_options()) {
        RawStore(store).make_bucket(bucket_);
    }
    [[nodiscard]] Environment environment() const override { return environment_; }
    [[nodiscard]] cloud::Client& client() override { return client_; }
    [[nodiscard]] const std::string& bucket() const override { return bucket_; }

private:
    const Environment environment_;
    const std::string bucket_ = new_bucket();
    cloud::s3::Client client_;
};

std::vector<AnyService> services() {
    std::vector<AnyService> result;
    for (const Store& store : stores()) {
        result.push_back({.connector = store.name, .new_store = [store] { return std::make_unique<S3Store>(store); }});
    }
    return result;
}

INSTANTIATE_TEST_SUITE_P(S3, ClientContract, ::testing::ValuesIn(services()),
                         [](const auto& test) { return test.param.connector; });

}  // namespace
}  // namespace tinybird_cdk::testing
