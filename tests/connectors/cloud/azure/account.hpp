// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud/azure.hpp>
#include <tinybird_cdk/config.hpp>

#include "cloud/azure/requests.hpp"
#include "helpers/scripted_server.hpp"

/// The account of the Azurite that was started for these tests.
namespace tinybird_cdk::testing {

std::string test_variable(std::string_view name);

/// The account by its key, at another endpoint where one is given.
Environment account_by_key(std::string_view endpoint = {});

/// No waits between tries, and small limits.
cloud::azure::Options quick();

/// A container of its own for a test.
class TestContainer {
public:
    explicit TestContainer(const Environment& environment = account_by_key());
    ~TestContainer();
    TestContainer(const TestContainer&) = delete;
    TestContainer& operator=(const TestContainer&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Asks for something that the kit's client does not.
    http::Response send(cloud::azure::Call call);
    /// Keys and bytes of all there is.
    std::vector<std::pair<std::string, std::string>> content();
    std::vector<std::string> keys();
    void write(std::string_view key, std::string_view bytes);

private:
    const Environment environment_;
    const std::string name_;
    cloud::azure::Requests requests_;
    cloud::azure::Client client_;
};

std::string read_all(Body& body);
/// Anyone's GET. @param ca_file for HTTPS
http::Response fetch(const std::string& url, const std::string& ca_file = {});
/// Lines of digits; each size has its own text.
std::string some_text(std::size_t bytes);

/// Stands before Azurite. Passes requests on, or does what the test wants.
class AzureProxy {
public:
    /// Asked with the whole request and its number, from 1. Nothing: it is passed on.
    using Fault = std::function<std::optional<Reply>(const Received&, std::size_t)>;

    /// @param keep_host Azurite copies blocks from URLs of the host only that it was asked by: without it, it can't
    explicit AzureProxy(Fault fault, bool keep_host = true);

    [[nodiscard]] Environment environment() const;
    [[nodiscard]] std::vector<Received> received() const { return server_.received(); }
    /// What Azurite answers, for faults that come behind it.
    Reply pass_on(const Received& request) const;

private:
    const Fault fault_;
    const bool keep_host_;
    mutable http::Client client_;
    std::atomic<std::size_t> requests_ = 0;
    ScriptedServer server_;
};

/// The answer of Azure that refuses for good.
Reply refusal(int status, std::string_view code);

}  // namespace tinybird_cdk::testing
