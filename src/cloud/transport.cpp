// SPDX-License-Identifier: Apache-2.0
#include "cloud/transport.hpp"

#include <random>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "http/sender.hpp"

namespace tinybird_cdk::cloud {

namespace {

double random_jitter() {
    thread_local std::mt19937 generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(generator);
}

const http::Response& head_of(const http::Response& response) {
    return response;
}

const http::Response& head_of(const std::unique_ptr<http::Download>& download) {
    return download->head();
}

/// The URL without its query, which may hold a signature.
std::string shown(const std::string& url) {
    return logger::mask(url.substr(0, url.find('?')));
}

}  // namespace

Transport::Transport(const ClientOptions& options, std::string ca_file)
    : settings_{.connect = options.connect_timeout, .idle = options.idle_timeout, .ca_file = std::move(ca_file)},
      client_(settings_),
      policy_(options.retry),
      clock_(options.clock ? options.clock : Clock::system()),
      jitter_(options.jitter ? options.jitter : random_jitter) {}

template <class Answer, class Try>
Answer Transport::repeat(Try&& attempt, const Make& make, std::string_view service, const std::stop_token& stop,
                         Stop where) {
    RetryState state;
    for (;;) {
        if (stop.stop_requested()) {
            throw errors::InterruptedError();
        }
        http::Request request = make();
        request.stop = where == Stop::anywhere ? stop : std::stop_token();
        request.idempotent = true;
        // Objects are bytes as they are stored, also when they say that they are compressed.
        request.decode = false;
        const std::string what = fmt::format("{} {}", request.method, shown(request.url));
        Body* const body = request.body;
        Answer answer = attempt(std::move(request));
        const http::Response& head = head_of(answer);
        const Outcome outcome{.status = head.status,
                              .request_sent = head.request_sent,
                              .idempotent = true,
                              .read_only = false,
                              .replayable = true,
                              .repeat_server_errors = true,
                              .server_delay = http::server_delay(head, clock_->wall_now())};
        const Decision decision = decide(policy_, state, outcome, jitter_());
        const bool again = decision.action == Decision::Action::retry && (body == nullptr || body->rewind());
        if (!again) {
            if (head.status == 0) {
                throw errors::ExternalDatasourceError(
                    fmt::format("{}: {}: {}", service, what, logger::mask(head.failure)), {},
                    "Check the endpoint and the network.", errors::ExitCode::temporary);
            }
            return answer;
        }
        logger::info(fmt::format("{}: {}; next try in {:.1f} s", what, decision.reason,
                                 static_cast<double>(decision.delay.count()) / 1000));
        if (!clock_->sleep(decision.delay, stop)) {
            throw errors::InterruptedError();
        }
    }
}

http::Response Transport::send(const Make& make, std::string_view service, const std::stop_token& stop, Stop where) {
    return repeat<http::Response>([this](http::Request request) { return client_.perform(request); }, make, service,
                                  stop, where);
}

std::unique_ptr<http::Download> Transport::open(const Make& make, std::string_view service,
                                                const std::stop_token& stop) {
    return repeat<std::unique_ptr<http::Download>>(
        [this](http::Request request) { return std::make_unique<http::Download>(settings_, std::move(request)); }, make,
        service, stop, Stop::anywhere);
}

}  // namespace tinybird_cdk::cloud
