// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/config.hpp>

#include "helpers/scripted_server.hpp"

namespace tinybird_cdk::testing {

/// A bucket of the Cloud Storage that bin/test started; on Google's service a folder of its own in the bucket that
/// TB_CDK_TEST_SUITE_GCS_BUCKET names.
class Bucket {
public:
    Bucket();

    /// Why tests can't run by a bucket; empty: they can.
    [[nodiscard]] static std::string missing();
    /// With the variables that have a connector use it, in a folder of it.
    [[nodiscard]] Environment environment() const;
    /// Of the emulator.
    [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }
    [[nodiscard]] std::vector<cloud::Object> objects() const;
    void put(const std::string& key, std::string_view bytes) const;
    [[nodiscard]] std::string read(const std::string& key) const;
    void remove(const std::string& key) const;

private:
    std::string endpoint_;
    std::string name_;
    std::string folder_ = "loads/";
};

/// Stands before a server and passes requests on, but for those that a test has an answer of its own for.
class Relay {
public:
    /// Called by several threads. @return what to answer in place of the server's own answer; nothing: pass it on
    using Instead = std::function<std::optional<Reply>(const Received&)>;
    /// Called with the server's answer to a request that was passed on, which it may change.
    using Afterwards = std::function<void(const Received&, Reply&)>;

    Relay(std::string server, Instead instead, Afterwards afterwards = {});
    [[nodiscard]] std::string url() const { return front_.url(); }
    [[nodiscard]] std::vector<Received> received() const { return front_.received(); }

private:
    [[nodiscard]] Reply answer(const Received& request) const;

    const std::string server_;
    const Instead instead_;
    const Afterwards afterwards_;
    ScriptedServer front_;
};

}  // namespace tinybird_cdk::testing
