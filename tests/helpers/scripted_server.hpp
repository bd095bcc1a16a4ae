// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/file_descriptor.hpp"

/// An HTTP server that does what a test tells it, down to the byte at which a connection breaks.
namespace tinybird_cdk::testing {

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

/// A request, as far as it came.
struct Received {
    std::string method;
    std::string target;   ///< path and query, as sent
    HeaderLines headers;  ///< names in lower case
    std::string body;     ///< without its chunks' frames
    bool complete = false;
    std::size_t connection = 0;  ///< counted from 1

    [[nodiscard]] std::string path() const { return target.substr(0, target.find('?')); }
    /// A parameter of the query, decoded; nothing when it is not there.
    [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
    [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

/// What the server does with one request.
struct Reply {
    int status = 200;
    std::string body = {};
    HeaderLines headers = {};
    std::string raw = {};               ///< sent as it is in place of status, headers and body, unless empty
    bool chunked = false;               ///< how the answer's end is marked
    std::chrono::milliseconds delay{};  ///< before the answer
    bool close_after = false;           ///< the connection is closed after the answer, without a word in its headers

    bool early = false;                      ///< answers before the body is read, and never reads it
    bool reads_on = false;                   ///< reads it behind an early answer, and keeps the connection
    bool withhold_continue = false;          ///< Expect: 100-continue gets no interim answer
    std::chrono::milliseconds read_pause{};  ///< between reads of at most 16 kB of the body

    /// The connection is reset when so many bytes of the body were read; there is no answer.
    std::optional<std::size_t> reset_at_body_byte = {};
    /// The connection is closed when so many bytes of the answer (its head included) were sent.
    std::optional<std::size_t> cut_at_answer_byte = {};
    bool reset = false;  ///< a cut is a reset (RST), not an end (FIN)

    /// Makes the answer when the whole request is there; its parts about reading are of no effect.
    std::function<Reply(const Received&)> answer = {};

    static Reply json(std::string body, int status = 200) {
        Reply reply;
        reply.status = status;
        reply.body = std::move(body);
        reply.headers = {{"Content-Type", "application/json"}};
        return reply;
    }
};

/// Serves on a free port of 127.0.0.1 until it goes away, which ends all connections. A thread for each connection.
/// Thread-safe.
class ScriptedServer {
public:
    /// Asked when the head of a request is there (its body is empty by then). Called by several threads.
    using Script = std::function<Reply(const Received&)>;

    explicit ScriptedServer(Script script);
    /// One reply after the other; the last one from then on.
    explicit ScriptedServer(std::vector<Reply> replies);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    /// As in "http://127.0.0.1:4711".
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::vector<Received> received() const;
    /// Waits until so many requests have ended, well or badly. @return false after half a minute
    [[nodiscard]] bool wait_for(std::size_t requests) const;
    [[nodiscard]] std::size_t connections() const;

private:
    class Session;

    void accept_all();
    void record(Received request);
    /// @return false when the server ends before the time is over
    bool pause(std::chrono::milliseconds duration);

    const Script script_;
    core::FileDescriptor listener_;
    std::uint16_t port_ = 0;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    bool ending_ = false;
    std::vector<Received> received_;
    std::size_t connections_ = 0;
    std::list<core::FileDescriptor> sockets_;
    std::list<std::thread> threads_;
    std::thread acceptor_;
};

/// A port of 127.0.0.1 on which nothing listens.
std::uint16_t closed_port();

}  // namespace tinybird_cdk::testing
