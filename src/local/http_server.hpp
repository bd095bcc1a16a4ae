// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "local/exchange.hpp"
#include "local/router.hpp"

namespace tinybird_cdk::local {

/// Serves HTTP on one address. The only file of the server that knows cpp-httplib.
class HttpServer {
public:
    /// @param check refuses a request before its body is read: nothing means go on
    /// @param dispatch answers it
    /// @param observe is told of each request when it is answered
    HttpServer(std::function<std::optional<Answer>(const Call&)> check, std::function<Answer(Call&)> dispatch,
               std::function<void(const Exchange&)> observe);
    ~HttpServer();

    /// @param port 0: a free one. @return the port. @throws errors::Error when it is taken
    int bind(const std::string& host, int port);
    /// Serves until `stop()`; requests that are being answered are finished.
    void run();
    /// Thread-safe.
    void stop();
    /// Those that are served and those that wait for it.
    [[nodiscard]] std::int64_t open_connections() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tinybird_cdk::local
