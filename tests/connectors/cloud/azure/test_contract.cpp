// SPDX-License-Identifier: Apache-2.0
/// What all services keep, kept by Azurite.
#include "any_store.hpp"
#include "connectors/cloud/contract.hpp"

namespace tinybird_cdk::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Azure, ClientContract, ::testing::Values(azure()),
                         [](const auto& test) { return test.param.connector; });

}  // namespace
}  // namespace tinybird_cdk::testing
