// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

namespace tinybird_cdk::testing {

/// The simplest source in a network: whoever connects gets these lines, and "." as the last one.
class LineServer {
public:
    explicit LineServer(std::string lines);
    ~LineServer();
    LineServer(const LineServer&) = delete;
    LineServer& operator=(const LineServer&) = delete;
    [[nodiscard]] std::string port() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// All that a server of 127.0.0.1 sends before it ends. @throws std::runtime_error when there is none
std::string all_of(const std::string& port);

}  // namespace tinybird_cdk::testing
