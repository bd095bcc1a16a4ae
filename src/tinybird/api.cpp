// SPDX-License-Identifier: Apache-2.0
#include "tinybird/api.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/version.hpp>

#include "core/text.hpp"
#include "tinybird/answers.hpp"

namespace tinybird_cdk::tinybird {

namespace {

std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 400:
            return " Bad Request";
        case 401:
            return " Unauthorized";
        case 403:
            return " Forbidden";
        case 404:
            return " Not Found";
        case 408:
            return " Request Timeout";
        case 409:
            return " Conflict";
        case 413:
            return " Content Too Large";
        case 422:
            return " Unprocessable Content";
        case 429:
            return " Too Many Requests";
        case 500:
            return " Internal Server Error";
        case 502:
            return " Bad Gateway";
        case 503:
            return " Service Unavailable";
        case 504:
            return " Gateway Timeout";
        default:
            return "";
    }
}

/// A server that failed, or a gateway that lost its server, may have carried out the call all the same; one that is
/// unavailable has not begun.
bool leaves_doubt(const http::Response& response, const Call& call) noexcept {
    return response.status >= 500 && response.status != 501 && response.status != 503 && response.request_sent &&
           !call.idempotent && call.method != "GET";
}

std::string hint_for(const http::Response& response, const Call& call) {
    const int status = response.status;
    switch (status) {
        case 401:
        case 403:
            return "Check TB_CDK_TOKEN: it must belong to this workspace and endpoint, and have the scope that this "
                   "call "
                   "needs (append needs DATASOURCES:APPEND, replace and create need DATASOURCES:CREATE or ADMIN).";
        case 404:
            return call.data_source.empty()
                       ? std::string("Check TB_CDK_ENDPOINT: each region has its own.")
                       : fmt::format("Check that data source \"{}\" exists in this workspace.", call.data_source);
        case 413:
            return "Load less at once: cut the query by a range of its key.";
        default:
            if (leaves_doubt(response, call)) {
                return call.data_source.empty()
                           ? std::string("Whether the call was carried out is not known: check before you repeat it.")
                           : fmt::format(
                                 "Whether the call was carried out is not known: look at the row count of "
                                 "\"{}\" before you repeat it.",
                                 call.data_source);
            }
            return status >= 500 ? "Try again later." : "";
    }
}

errors::ExitCode exit_code_of(const http::Response& response, const Call& call) noexcept {
    const int status = response.status;
    if (leaves_doubt(response, call)) {
        return errors::ExitCode::data_refused;
    }
    return status == 408 || status == 429 || status >= 500 ? errors::ExitCode::temporary : errors::ExitCode::bad_input;
}

Response to_response(http::Response&& answer) {
    Response response;
    response.status = answer.status;
    response.headers = std::move(answer.headers);
    response.body = std::move(answer.body);
    return response;
}

}  // namespace

std::string encoded(const Parameters& parameters) {
    std::string text;
    for (const auto& [name, value] : parameters) {
        text += text.empty() ? "" : "&";
        text += core::url_encode(name) + "=" + core::url_encode(value);
    }
    return text;
}

Api::Api(config::Tinybird configuration, const ClientOptions& options)
    : configuration_(std::move(configuration)),
      sender_({.connect = options.connect_timeout, .idle = options.idle_timeout, .ca_file = configuration_.ca_file},
              options.retry, options.clock, options.jitter) {
    logger::remember_secret(configuration_.token.reveal());
}

http::Sent Api::try_send(const Call& call) {
    http::Request request;
    request.method = call.method;
    request.url = configuration_.endpoint + call.path;
    if (!call.parameters.empty()) {
        request.url += (call.path.find('?') == std::string::npos ? "?" : "&") + encoded(call.parameters);
    }
    request.headers = {{"Authorization", "Bearer " + configuration_.token.reveal()},
                       {"X-TB-CDK-TAG", configuration_.tag},
                       {"User-Agent", fmt::format("tinybird-cdk-cpp/{}", version())}};
    if (!call.content_type.empty()) {
        request.headers.emplace_back("Content-Type", call.content_type);
    }
    if (!call.content_encoding.empty()) {
        request.headers.emplace_back("Content-Encoding", call.content_encoding);
    }
    request.body = call.body;
    request.idempotent = call.idempotent;
    request.repeat_server_errors = call.repeat_server_errors;
    request.stop = call.stop;
    request.on_sent = call.on_sent;
    return sender_.send(std::move(request));
}

void Api::fail(const Call& call, const http::Sent& sent) const {
    const http::Response& response = sent.response;
    std::string what = fmt::format("{} {}{}: ", call.method, configuration_.endpoint, call.path);
    if (response.status == 0) {
        what += response.failure;
    } else {
        what += fmt::format("{}{}", response.status, reason_phrase(response.status));
        if (const std::string text = error_text(response.body); !text.empty()) {
            what += ": " + text;
        }
        if (const auto answer = object_of(response.body)) {
            if (const auto job = text_of(*answer, "job_id")) {
                what += fmt::format(" (job {})", *job);
            }
        }
    }
    if (!sent.decision.reason.empty() && sent.attempts > 1) {
        what += fmt::format(" ({} after {} tries)", sent.decision.reason, sent.attempts);
    }
    what = logger::mask(what);
    switch (sent.decision.action) {
        case Decision::Action::in_doubt:
            throw errors::InDoubtError(
                fmt::format("{} ({})", what, sent.decision.reason),
                call.data_source.empty()
                    ? "Check whether the call was carried out before you repeat it."
                    : fmt::format("The rows may be in \"{}\" or not: compare its row count with the source before you "
                                  "load again, or use replace, which can be repeated.",
                                  call.data_source));
        case Decision::Action::rate_limited_for_too_long:
            throw errors::RateLimitedForTooLongError(what, "Run fewer imports per minute, or later.");
        default:
            break;
    }
    if (response.status == 0) {
        throw errors::HTTPError(0, what, "Check TB_CDK_ENDPOINT and the network, then try again.",
                                errors::ExitCode::temporary);
    }
    std::string hint = hint_for(response, call);
    if (hint.empty() && what.find("too many part") != std::string::npos) {
        hint = fmt::format("The rows of one import may touch {} partitions: load a shorter range at a time.",
                           configuration_.limits.partitions_per_import);
    }
    throw errors::HTTPError(response.status, what, std::move(hint), exit_code_of(response, call));
}

Response Api::send(Call call) {
    http::Sent sent = try_send(call);
    if (sent.decision.action != Decision::Action::succeed) {
        fail(call, sent);
    }
    return to_response(std::move(sent.response));
}

Response Api::send_unless(Call call, std::initializer_list<int> accepted) {
    http::Sent sent = try_send(call);
    if (sent.decision.action != Decision::Action::succeed &&
        std::find(accepted.begin(), accepted.end(), sent.response.status) == accepted.end()) {
        fail(call, sent);
    }
    return to_response(std::move(sent.response));
}

Value Api::send_for_json(Call call) {
    const std::string what = fmt::format("{} {}{}", call.method, configuration_.endpoint, call.path);
    return json_of(send(std::move(call)), what);
}

}  // namespace tinybird_cdk::tinybird
