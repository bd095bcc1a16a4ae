// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "helpers/scripted_server.hpp"
#include "http/client.hpp"
#include "store.hpp"

namespace tinybird_cdk::testing {

/// What happens to a request on its way to the store.
enum class Fault {
    none,
    lost_request,     ///< the connection is reset before the store has it
    lost_answer,      ///< the store does it, but nobody hears of it
    broken_answer,    ///< the connection ends in the middle of the answer
    unavailable,      ///< 503 in the place of the store
    refused,          ///< 403 in the place of the store
    changed,          ///< another byte of the body, or another key, comes to the store
    refusal_in_a_200  ///< a 200 that holds an error, as S3's late answers do
};

/// Stands before a real store and lets things go wrong. Thread-safe.
class Relay {
public:
    /// @param fault is asked of each request. @param nth how many like it came before (same step, see step_of())
    Relay(const Store& store, std::function<Fault(const std::string& step, int nth)> fault);

    [[nodiscard]] std::string url() const { return server_.url(); }
    /// The steps in the order in which they came.
    [[nodiscard]] std::vector<std::string> steps() const;
    /// The connections on which requests of a step came, counted from 1.
    [[nodiscard]] std::vector<std::size_t> connections(const std::string& step) const;
    /// Bytes that went through the client: of the bodies of parts and of what was read.
    [[nodiscard]] std::uint64_t carried() const;

    /// What a request is: "create", "part", "copy", "complete", "abort", "put", "get", "head", "list", "uploads" or
    /// "delete".
    static std::string step_of(const Received& request);

private:
    Reply answer(const Received& request, Fault fault);

    const std::string store_;
    const std::function<Fault(const std::string& step, int nth)> fault_;
    mutable std::mutex mutex_;
    std::map<std::string, int> counts_;
    std::vector<std::string> steps_;
    std::uint64_t carried_ = 0;
    http::Client client_{{}};
    ScriptedServer server_;
};

}  // namespace tinybird_cdk::testing
