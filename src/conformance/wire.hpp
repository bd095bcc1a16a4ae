// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace tinybird_cdk::conformance {

/// A TCP connection's way through this process, on a free port of 127.0.0.1: it can be held, and it can be cut.
/// Everything is passed on as it is. Thread-safe.
class Wire {
public:
    /// @throws errors::Error when no port can be had
    Wire(std::string host, std::string port);
    ~Wire();
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    [[nodiscard]] std::string port() const;
    /// Bytes that the server's side has sent so far.
    [[nodiscard]] std::uint64_t answered() const;

    /// Stops passing on what clients send once so many bytes have gone since now.
    void hold_after(std::uint64_t sent_bytes);
    /// @return false when it does not come to that in this time
    [[nodiscard]] bool held_within(std::chrono::seconds limit) const;
    /// Lets all pass again.
    void release();
    /// Ends all connections once the server's side has sent so many bytes since now, and those that come later too.
    void cut_after(std::uint64_t answered_bytes);
    /// Ends all connections now, and those that come later too.
    void cut();
    [[nodiscard]] bool is_cut() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

/// A port of 127.0.0.1 that nobody listens on, now.
std::string closed_port();

}  // namespace tinybird_cdk::conformance
