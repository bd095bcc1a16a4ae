// SPDX-License-Identifier: Apache-2.0
/// Joined loads and loads of what is new, from Azurite into a local Tinybird.
#include "any_store.hpp"
#include "connectors/cloud/loads.hpp"

namespace tinybird_cdk::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Azure, JoinedLoads,
                         ::testing::Combine(::testing::Values(azure()), ::testing::Values(Via::url, Via::stream)),
                         name_of_way);
INSTANTIATE_TEST_SUITE_P(Azure, SinceLastLoads,
                         ::testing::Combine(::testing::Values(azure()), ::testing::Values(Via::url, Via::stream)),
                         name_of_way);

}  // namespace
}  // namespace tinybird_cdk::testing
