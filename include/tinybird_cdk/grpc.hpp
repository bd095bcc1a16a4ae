// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/retry.hpp>

/// Calls of gRPC services (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md), for connectors whose source
/// has one. Messages are bytes: what is in them is the connector's business.
///
/// A call that fails throws errors::ExternalDatasourceError. Its sqlstate() is the name of the status, as in
/// "PERMISSION_DENIED", and its text the server's own. It is retryable for UNAVAILABLE (also when there was no
/// connection, or it broke), INTERNAL, ABORTED, DEADLINE_EXCEEDED and RESOURCE_EXHAUSTED; never for an answer that is
/// no gRPC or has a message that is too large.
namespace tinybird_cdk::grpc {

/// One call. What is secret in its metadata must be known to the logger (`logger::remember_secret`).
struct Call {
    std::string method;                                              ///< as in "/package.Service/Method"
    std::vector<std::pair<std::string, std::string>> metadata = {};  ///< headers of the request
    std::string request = {};                                        ///< the one message that is sent
    std::size_t largest_message = 4U << 20U;                         ///< bytes of a message that is taken
    std::stop_token stop = {};
};

/// Messages that a server sends, one after the other. It is only read from the network while a message is asked for, so
/// a slow reader slows the server down. One thread at a time.
class Stream {
public:
    ~Stream();
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;

    /// Asked before memory is taken for a message of so many bytes: it may wait. What it throws ends the stream.
    using Admit = std::function<void(std::size_t bytes)>;
    /// The next message; nothing at the end, when the server said that all is well. @throws as said above,
    /// errors::InterruptedError when the call's token asks
    std::optional<std::string> next(const Admit& admit = {});

private:
    friend class Client;
    class Inside;
    explicit Stream(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

/// Counts how often something was tried, and waits in between, as the RetryPolicy says. One thread at a time.
class Tries {
public:
    /// After a failure. Waits until it is time for another try. @return false when there is none: the error is not
    /// retryable, or all tries are used up. @throws errors::InterruptedError when the token asks
    bool again(const errors::ExternalDatasourceError& error, const std::stop_token& stop);
    /// It went on: the count begins anew.
    void went_on() noexcept { state_ = {}; }

private:
    friend class Client;
    Tries(const cloud::ClientOptions& options, std::shared_ptr<Clock> clock);
    RetryPolicy policy_;
    std::function<double()> jitter_;
    std::shared_ptr<Clock> clock_;
    RetryState state_;
};

/// Makes calls. Thread-safe.
class Client {
public:
    /// @param service for messages, as in "BigQuery" @param endpoint "https://host[:port]", or "http://…" for HTTP/2 in
    /// clear text @param ca_file PEM certificates to trust instead of the system's; empty: the system's
    Client(std::string service, std::string endpoint, const cloud::ClientOptions& options = {},
           std::string ca_file = {});
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// A call with one message as its answer. What is retryable is tried again: for calls that may be made twice.
    std::string unary(const Call& call);
    /// A call that is answered by a stream. One try; its failures come from next().
    Stream stream(Call call);
    [[nodiscard]] Tries tries() const;

private:
    struct Inside;
    const std::unique_ptr<Inside> inside_;
};

}  // namespace tinybird_cdk::grpc
