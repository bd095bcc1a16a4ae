// SPDX-License-Identifier: Apache-2.0
#include "http/grpc_status.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace tinybird_cdk::http {

namespace {

/// By their numbers (https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
constexpr std::array<std::string_view, 17> names{
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

std::string_view name_of_http(int status) {
    switch (status) {
        case 400:
            return "INTERNAL";
        case 401:
            return "UNAUTHENTICATED";
        case 403:
            return "PERMISSION_DENIED";
        case 404:
            return "UNIMPLEMENTED";
        case 429:
        case 502:
        case 503:
        case 504:
            return "UNAVAILABLE";
        default:
            return "UNKNOWN";
    }
}

bool is_retryable(std::string_view name) {
    constexpr std::array<std::string_view, 5> passing{"UNAVAILABLE", "INTERNAL", "ABORTED", "DEADLINE_EXCEEDED",
                                                      "RESOURCE_EXHAUSTED"};
    return std::find(passing.begin(), passing.end(), name) != passing.end();
}

/// The last one, for trailers come behind the head.
std::string_view last_header(const Response& response, std::string_view name) {
    for (auto header = response.headers.rbegin(); header != response.headers.rend(); ++header) {
        if (header->first == name) {
            return header->second;
        }
    }
    return {};
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string grpc_message_of(std::string_view escaped) {
    std::string text;
    for (std::size_t i = 0; i < escaped.size(); ++i) {
        if (escaped[i] == '%' && i + 2 < escaped.size()) {
            const int high = hex_digit(escaped[i + 1]);
            const int low = hex_digit(escaped[i + 2]);
            if (high >= 0 && low >= 0) {
                text += static_cast<char>(high * 16 + low);
                i += 2;
                continue;
            }
        }
        text += escaped[i];
    }
    return text;
}

GrpcStatus grpc_status_of(const Response& response) {
    const std::string_view number = last_header(response, "grpc-status");
    if (!number.empty()) {
        std::size_t code = names.size();
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), code);
        const bool known = error == std::errc() && end == number.data() + number.size() && code < names.size();
        GrpcStatus status{.name = std::string(known ? names[code] : "UNKNOWN"),
                          .message = grpc_message_of(last_header(response, "grpc-message"))};
        // What a connection that ends under gRPC's own libraries is told as.
        const bool removed = status.name == "UNKNOWN" && status.message.find("Stream removed") != std::string::npos;
        status.retryable = removed || is_retryable(status.name);
        return status;
    }
    if (!response.failure.empty()) {
        return {.name = "UNAVAILABLE", .message = response.failure, .retryable = true};
    }
    if (response.status == 200) {
        return {.name = "UNAVAILABLE", .message = "the answer ended without a status", .retryable = true};
    }
    const std::string_view name = name_of_http(response.status);
    return {.name = std::string(name),
            .message = fmt::format("the server answered with HTTP status {}", response.status),
            .retryable = is_retryable(name)};
}

}  // namespace tinybird_cdk::http
