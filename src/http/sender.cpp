// SPDX-License-Identifier: Apache-2.0
#include "http/sender.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <random>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"
#include "http/curl_handles.hpp"
#include "http/spooled_body.hpp"

namespace tinybird_cdk::http {

namespace {

constexpr int most_redirects = 5;

double random_jitter() {
    thread_local std::mt19937 generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(generator);
}

CurlText part(CURLU* url, CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) {
        return nullptr;
    }
    return CurlText(text);
}

/// `location` as seen from `base`; empty when it is no http(s) URL.
std::string resolve(const std::string& base, const std::string& location) {
    const UrlHandle url(curl_url());
    if (!url || curl_url_set(url.get(), CURLUPART_URL, base.c_str(), 0) != CURLUE_OK ||
        curl_url_set(url.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) {
        return {};
    }
    const CurlText text = part(url.get(), CURLUPART_URL);
    return text ? std::string(text.get()) : std::string();
}

/// An answer that is lost, or is one of a server (or of what stands before it) that failed at it, does not say that
/// nothing was done.
bool is_no_refusal(int status) {
    return status == 0 || (status >= 500 && status != 503);
}

std::optional<std::chrono::milliseconds> seconds_of(std::string_view text) {
    double seconds = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size() || !(seconds >= 0) || seconds > 1e7) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace

std::string origin_of(const std::string& text) {
    const UrlHandle url(curl_url());
    if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
        return {};
    }
    const CurlText scheme = part(url.get(), CURLUPART_SCHEME);
    const CurlText host = part(url.get(), CURLUPART_HOST);
    const CurlText port = part(url.get(), CURLUPART_PORT);
    if (!scheme || !host || !port) {
        return {};
    }
    return core::to_lower(fmt::format("{}://{}:{}", scheme.get(), host.get(), port.get()));
}

std::optional<std::chrono::milliseconds> server_delay(const Response& response,
                                                      std::chrono::system_clock::time_point now) {
    if (const auto value = response.header("retry-after")) {
        if (const auto seconds = seconds_of(*value)) {
            return seconds;
        }
        const std::time_t date = curl_getdate(std::string(*value).c_str(), nullptr);
        if (date >= 0) {
            const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::system_clock::from_time_t(date) - now);
            return std::max(wait, std::chrono::milliseconds(0));
        }
    }
    if (const auto value = response.header("x-ratelimit-reset")) {
        return seconds_of(*value);
    }
    return std::nullopt;
}

Sender::Sender(Settings settings, RetryPolicy policy, std::shared_ptr<Clock> clock, std::function<double()> jitter)
    : client_(std::move(settings)),
      policy_(policy),
      clock_(clock ? std::move(clock) : Clock::system()),
      jitter_(jitter ? std::move(jitter) : random_jitter) {}

Response Sender::follow_redirects(Request request) {
    for (int i = 0;; ++i) {
        Response response = client_.perform(request);
        const auto location = response.header("location");
        if (response.status < 300 || response.status >= 400 || !location) {
            return response;
        }
        const auto refuse = [&](std::string_view why) {
            throw errors::HTTPError(
                response.status,
                fmt::format("{} {}: {} redirects to {}, {}", request.method, logger::mask(request.url), response.status,
                            logger::mask(*location), why),
                "Check TB_CDK_ENDPOINT.");
        };
        const std::string target = resolve(request.url, std::string(*location));
        const std::string origin = origin_of(target);
        if (!origin.starts_with("http://") && !origin.starts_with("https://")) {
            refuse("which is no http(s) URL");
        }
        if (i == most_redirects) {
            refuse("one redirect too many");
        }
        // 301, 302 and 303 turn a POST into a GET (RFC 9110 §15.4), which would be another call.
        if (!request.read_only() && response.status != 307 && response.status != 308) {
            refuse("which would drop the request's body");
        }
        if (origin != origin_of(request.url)) {
            if (!request.read_only()) {
                refuse("another host, which must not get the data");
            }
            request.headers.clear();
        }
        if (request.body != nullptr && !request.body->rewind()) {
            refuse("but the body can't be sent again");
        }
        request.url = target;
    }
}

std::unique_ptr<Body> Sender::give_length_to(Request& request) {
    auto spooled = std::make_unique<SpooledBody>(*request.body);
    request.body = spooled.get();
    return spooled;
}

Sent Sender::send(Request request) {
    constexpr int length_required = 411;
    RetryState state;
    std::unique_ptr<Body> spooled;
    const bool unsized_body = request.body != nullptr && !request.body->size();
    if (unsized_body && needs_length_) {
        spooled = give_length_to(request);
    }
    bool may_be_done = false;
    for (int attempt = 1;; ++attempt) {
        Response response;
        try {
            response = follow_redirects(request);
        } catch (const errors::InterruptedError&) {
            if (may_be_done) {
                throw InterruptedAfterSending();
            }
            throw;
        }
        may_be_done = may_be_done || (response.request_sent && is_no_refusal(response.status));
        if (response.status == length_required && unsized_body && !spooled && request.body->rewind()) {
            needs_length_ = true;
            spooled = give_length_to(request);
            continue;
        }
        Outcome outcome;
        outcome.status = response.status;
        outcome.request_sent = response.request_sent;
        outcome.read_only = request.read_only();
        outcome.idempotent = request.idempotent || outcome.read_only;
        outcome.repeat_server_errors = request.repeat_server_errors;
        outcome.server_delay = server_delay(response, clock_->wall_now());
        const Decision decision = decide(policy_, state, outcome, jitter_());
        if (decision.action != Decision::Action::retry) {
            return {std::move(response), decision, attempt};
        }
        if (request.body != nullptr && !request.body->rewind()) {
            return {std::move(response),
                    {.action = Decision::Action::fail, .delay = {}, .reason = "the body can't be sent again"},
                    attempt};
        }
        logger::info(fmt::format("{} {}: {}; next try in {:.1f} s", request.method,
                                 request.url.substr(0, request.url.find('?')), decision.reason,
                                 static_cast<double>(decision.delay.count()) / 1000));
        if (!clock_->sleep(decision.delay, request.stop)) {
            if (may_be_done) {
                throw InterruptedAfterSending();
            }
            throw errors::InterruptedError();
        }
    }
}

}  // namespace tinybird_cdk::http
