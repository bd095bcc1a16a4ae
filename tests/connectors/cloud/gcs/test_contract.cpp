// SPDX-License-Identifier: Apache-2.0
/// What all services keep, kept by fake-gcs-server.
#include "any_store.hpp"
#include "connectors/cloud/contract.hpp"

namespace tinybird_cdk::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Gcs, ClientContract, ::testing::Values(gcs()),
                         [](const auto& test) { return test.param.connector; });

}  // namespace
}  // namespace tinybird_cdk::testing
