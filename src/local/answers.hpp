// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

namespace tinybird_cdk::local {

/// What goes back to a client.
struct Answer {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    std::map<std::string, std::string> headers;
};

Answer json_answer(const nlohmann::json& body, int status = 200);
/// Tinybird's own clients need a non-empty `error` in each failure.
Answer error_answer(int status, const std::string& text);

/// Ends a call with an error answer.
class Refusal : public std::runtime_error {
public:
    Refusal(int status, const std::string& text) : std::runtime_error(text), status_(status) {}
    [[nodiscard]] int status() const noexcept { return status_; }

private:
    int status_;
};

}  // namespace tinybird_cdk::local
