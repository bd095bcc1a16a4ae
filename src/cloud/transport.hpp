// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <tinybird_cdk/cloud.hpp>

#include "http/client.hpp"
#include "http/download.hpp"

namespace tinybird_cdk::cloud {

/// Sends requests whose signatures age: each try is made and signed anew. Follows no redirects, for a signature holds
/// for one host. Thread-safe.
class Transport {
public:
    /// Where a stop may end a request. Of one that makes something it has to be known what came of it: it is waited
    /// for, and only further tries are left out.
    enum class Stop { anywhere, between_tries };

    /// Makes a request, signed for now. Called before each try; its stop token is set by the transport.
    using Make = std::function<http::Request()>;

    /// @param ca_file PEM certificates to trust instead of the system's; empty: the system's
    explicit Transport(const ClientOptions& options, std::string ca_file = {});

    /// The last answer, whatever its status is: 2xx, or one that trying again does not change. Tries again without an
    /// answer, at 408, 429 and 5xx: everything that is asked of a store may be asked twice.
    /// @throws errors::ExternalDatasourceError when there was no answer in the end, naming `service` and what failed;
    /// errors::InterruptedError; what the body throws
    http::Response send(const Make& make, std::string_view service, const std::stop_token& stop,
                        Stop where = Stop::anywhere);
    /// The same for an answer that is read bit by bit; refusals (not 2xx) have their body in head().body.
    std::unique_ptr<http::Download> open(const Make& make, std::string_view service, const std::stop_token& stop);

    [[nodiscard]] Clock& clock() const noexcept { return *clock_; }

private:
    template <class Answer, class Try>
    Answer repeat(Try&& attempt, const Make& make, std::string_view service, const std::stop_token& stop, Stop where);

    const http::Settings settings_;
    http::Client client_;
    const RetryPolicy policy_;
    const std::shared_ptr<Clock> clock_;
    const std::function<double()> jitter_;
};

}  // namespace tinybird_cdk::cloud
