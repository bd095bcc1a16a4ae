// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <tinybird_cdk/connector.hpp>

#include "any_store.hpp"
#include "helpers/target.hpp"

/// Loads that every object store must bring to the same end: the tests are in loads.cpp, and the folder of each service
/// says where they run.
namespace tinybird_cdk::testing {

class CloudLoads : public ::testing::TestWithParam<std::tuple<AnyService, Via>> {
protected:
    CloudLoads();

    void put(const std::string& key, std::string_view bytes);
    [[nodiscard]] std::vector<std::string> keys();
    /// As in "1a 2b".
    [[nodiscard]] std::string rows();
    [[nodiscard]] ObjectSelection chosen(const std::string& pattern) const;

    const std::unique_ptr<AnyStore> store;
    const std::unique_ptr<Connector> made;
    CloudConnector& connector;
    Target target;
    CloudLoadOptions options;
};

class JoinedLoads : public CloudLoads {};

class SinceLastLoads : public CloudLoads {
protected:
    SinceLastLoads();

    /// The keys that are loaded now, in this order.
    std::vector<std::string> load();
    [[nodiscard]] std::vector<ObjectState> states();
    /// Writes down what a run would have that was ended after it began with this object.
    void begin(const std::string& key);
};

/// For INSTANTIATE_TEST_SUITE_P.
std::string name_of_way(const ::testing::TestParamInfo<std::tuple<AnyService, Via>>& info);

}  // namespace tinybird_cdk::testing
