// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "any_store.hpp"

namespace tinybird_cdk::testing {

/// What cloud::Client promises, and every service must keep in the same way: the tests are in contract.cpp.
class ClientContract : public ::testing::TestWithParam<AnyService> {
protected:
    void put(const std::string& key, std::string_view bytes) { client.put(bucket, key, *body_of(bytes)); }
    [[nodiscard]] std::string content_of(const std::string& key);

    const std::unique_ptr<AnyStore> store = GetParam().new_store();
    cloud::Client& client = store->client();
    const std::string& bucket = store->bucket();
};

}  // namespace tinybird_cdk::testing
