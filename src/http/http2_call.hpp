// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace tinybird_cdk::http {

/// A POST over HTTP/2 on a connection of its own, of which the answer is taken bit by bit. The network is only looked
/// at while bytes are asked for, so that back-pressure reaches the server by TCP and little is in memory. (libcurl's
/// own way, pausing, would take up to 32 MB first: its window.) One thread at a time.
class Http2Call {
public:
    /// Sends nothing yet. @param request without a body; its URL says with "http:" that there is no TLS
    Http2Call(const Settings& settings, Request request, std::string body);
    ~Http2Call();
    Http2Call(const Http2Call&) = delete;
    Http2Call& operator=(const Http2Call&) = delete;

    /// The next bytes of the body, which stay until it is asked again; empty at the end: see answer().
    /// @throws errors::InterruptedError when the request's token asks
    std::string_view read();
    /// What is known by now: status and head, at the end also the trailers (among the headers) and, when it broke off,
    /// why. Its body is not here.
    [[nodiscard]] const Response& answer() const noexcept;

private:
    class Running;
    std::unique_ptr<Running> running_;
};

}  // namespace tinybird_cdk::http
