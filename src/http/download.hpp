// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "http/request.hpp"

namespace tinybird_cdk::http {

/// An answer that is taken bit by bit, as stored: never decompressed on the way. Memory is bounded, back-pressure
/// reaches the server. One thread at a time.
class Download {
public:
    /// Sends the request (which has no body) and returns when the head of the answer is there, or there will be none.
    /// @throws errors::InterruptedError when the request's token asks, here and in read()
    Download(const Settings& settings, Request request);
    ~Download();
    Download(const Download&) = delete;
    Download& operator=(const Download&) = delete;

    /// Status, headers and, when there is none, why. Unless the status is 2xx the body is in there too (its first 64
    /// kB).
    [[nodiscard]] const Response& head() const noexcept;
    /// The next bytes of a 2xx answer's body. @return 0 at its end, or when it broke off: see broken()
    std::size_t read(std::span<char> into);
    /// Why the answer ended before its end; empty when it did not.
    [[nodiscard]] const std::string& broken() const noexcept;

private:
    class Running;
    std::unique_ptr<Running> running_;
};

}  // namespace tinybird_cdk::http
