// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/token_answer.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::cloud::azure {

namespace {

/// Seconds, as a number or as text: the metadata services write both.
std::optional<std::chrono::seconds> seconds_of(const nlohmann::json& answer, const char* name) {
    const auto found = answer.find(name);
    if (found == answer.end()) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    if (found->is_number_integer()) {
        value = found->get<std::int64_t>();
    } else if (found->is_string()) {
        const auto& text = found->get_ref<const std::string&>();
        if (std::from_chars(text.data(), text.data() + text.size(), value).ptr != text.data() + text.size()) {
            return std::nullopt;
        }
    } else {
        return std::nullopt;
    }
    return std::chrono::seconds(value);
}

std::string text_of(const nlohmann::json& answer, const char* name) {
    const auto found = answer.find(name);
    return found != answer.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The first line of what the server said of itself.
std::string reason_of(const http::Response& response, const nlohmann::json& answer) {
    if (!answer.is_object()) {
        return fmt::format("status {}", response.status);
    }
    std::string reason = text_of(answer, "error");
    std::string text = text_of(answer, "error_description");
    text = text.empty() ? text_of(answer, "message") : text;
    reason += (reason.empty() || text.empty() ? "" : ": ") + text.substr(0, text.find_first_of("\r\n"));
    return reason.empty() ? fmt::format("status {}", response.status) : logger::mask(reason);
}

}  // namespace

AccessToken read_token(const http::Response& response, std::string_view from, Time now) {
    const nlohmann::json answer = nlohmann::json::parse(response.body, nullptr, false);
    if (response.status < 200 || response.status >= 300) {
        throw errors::ExternalDatasourceError(
            fmt::format("{} gave no token: {}", from, reason_of(response, answer)), std::to_string(response.status),
            "Check the identity and its secret, and that it has a role as Storage Blob Data Contributor.",
            response.status >= 500 || response.status == 429 ? errors::ExitCode::temporary
                                                             : errors::ExitCode::bad_input);
    }
    AccessToken token;
    token.text = answer.is_object() ? text_of(answer, "access_token") : std::string();
    if (token.text.empty()) {
        throw errors::ExternalDatasourceError(fmt::format("{} answered without an access_token", from));
    }
    logger::remember_secret(token.text);
    if (const auto left = seconds_of(answer, "expires_in")) {
        token.expires = now + *left;
    } else if (const auto at = seconds_of(answer, "expires_on")) {
        token.expires = Time(*at);
    } else {
        throw errors::ExternalDatasourceError(
            fmt::format("{} gave a token, but not how long it holds (expires_in, expires_on)", from));
    }
    return token;
}

}  // namespace tinybird_cdk::cloud::azure
