// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "helpers/scripted_server.hpp"
#include "http/client.hpp"

namespace tinybird_cdk::cloud::gcs {

/// Stands before the real server, so that a test can break what goes through. It adds what Google does and
/// fake-gcs-server 1.x does not: preconditions on generations where objects are read, deleted and composed; questions
/// after the state of a resumable upload, which that server takes for its end; and parts that are sent again, which
/// that server takes twice.
class Proxy {
public:
    /// Sees each request, counted from 1. What it returns is answered; nothing: the request goes on to the server.
    using Before = std::function<std::optional<testing::Reply>(const testing::Received&, int number)>;
    /// May change the server's answer. Requests come side by side, but one at a time is seen by these two.
    using After = std::function<void(const testing::Received&, testing::Reply&, int number)>;

    explicit Proxy(Before before = {}, After after = {});

    [[nodiscard]] std::string url() const { return server_.url(); }
    [[nodiscard]] std::vector<testing::Received> received() const { return server_.received(); }
    /// How many of the requests had this method.
    [[nodiscard]] int count(const std::string& method) const;

private:
    testing::Reply pass(const testing::Received& request);
    testing::Reply forward(const testing::Received& request);
    std::optional<testing::Reply> answer_for_upload(const testing::Received& request);
    void remember_upload(const testing::Received& request, const testing::Reply& reply);
    std::optional<testing::Reply> refusal_for(const testing::Received& request);
    /// The generation of an object at the server; "0" when there is none.
    std::string generation(const std::string& path);

    const Before before_;
    const After after_;
    http::Client http_;
    std::mutex calling_;
    std::mutex mutex_;
    int number_ = 0;
    std::map<std::string, testing::Reply> states_;  ///< of uploads, by their targets
    std::map<std::string, testing::Reply> parts_;   ///< what parts were answered, by targets and ranges
    testing::ScriptedServer server_;
};

/// A connection that breaks in place of an answer.
testing::Reply no_answer();

}  // namespace tinybird_cdk::cloud::gcs
