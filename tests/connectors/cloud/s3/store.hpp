// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud/s3.hpp>

#include "cloud/s3/caller.hpp"
#include "http/request.hpp"

namespace tinybird_cdk::testing {

/// A real store that is running, with a bucket of its own for each test.
struct Store {
    std::string name;
    std::string url;

    /// The variables of a client of it, at another address when `url` is not empty (as of a relay before it).
    [[nodiscard]] Environment environment(std::string_view url = {}) const;
};

/// As bin/test started them. Fails the test when there are none.
std::vector<Store> stores();
std::string name_of(const ::testing::TestParamInfo<Store>& info);

/// Small parts, and no waits, so that what takes gigabytes and minutes is tried with kilobytes.
cloud::s3::Options quick_options();

/// Requests that the client has no call for.
class RawStore {
public:
    explicit RawStore(const Store& store);

    void make_bucket(const std::string& bucket);
    void put(const std::string& bucket, const std::string& key, std::string_view bytes, cloud::s3::Pairs headers);
    /// Begins an upload, as another program does. @return its id
    std::string begin_upload(const std::string& bucket, const std::string& key);
    /// The keys of uploads that were begun and neither completed nor aborted.
    std::vector<std::string> unfinished(const std::string& bucket);
    /// The ids of those of a key.
    std::vector<std::string> unfinished(const std::string& bucket, const std::string& key);

private:
    Environment environment_;
    cloud::s3::Profiles profiles_;
    cloud::s3::Settings settings_;
    cloud::ClientOptions options_;
    cloud::Transport transport_;
    cloud::s3::Provider provider_;
    cloud::s3::Caller caller_;
};

/// The real time, but its wall clock is wrong by so much.
std::shared_ptr<Clock> wrong_clock(std::chrono::minutes ahead);
/// The answer of a request that nobody signed, as Tinybird sends it.
http::Response fetch(const std::string& url);
/// All bytes of a body.
std::string read_all(Body& body);
/// Bytes that differ everywhere, so that a part in the wrong place shows.
std::string content(std::size_t size, unsigned seed);
/// A name that no other test has.
std::string new_bucket();

}  // namespace tinybird_cdk::testing
