// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <tinybird_cdk/cloud/gcs.hpp>

#include "helpers/fake_clock.hpp"

namespace tinybird_cdk::cloud::gcs {

/// The server that bin/test started.
std::string server_url();
/// A bucket that nobody else uses.
std::string new_bucket();

/// A bucket of its own for each test, and a client of the server.
class StoreTest : public ::testing::Test {
protected:
    StoreTest();

    /// A client of another address. @param tries whether it tries again what may be tried again
    [[nodiscard]] std::unique_ptr<Client> client_of(const std::string& url, bool tries = true) const;
    void put(std::string_view key, std::string_view content) const;
    [[nodiscard]] std::string content_of(std::string_view key) const;
    /// All keys of the bucket.
    [[nodiscard]] std::vector<std::string> keys() const;

    std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
    std::string bucket;
    std::unique_ptr<Client> client;
};

/// All bytes of a body.
std::string drain(Body& body);
/// So many bytes that are different everywhere.
std::string pattern(std::size_t size);

/// The smallest parts that Google takes, so that little data makes many.
inline constexpr std::size_t small_part = 256U * 1024;

}  // namespace tinybird_cdk::cloud::gcs
