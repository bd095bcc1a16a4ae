// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/grpc.hpp>

#include <random>
#include <string_view>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

#include "http/grpc_frames.hpp"
#include "http/grpc_status.hpp"
#include "http/http2_call.hpp"

namespace tinybird_cdk::grpc {

namespace {

constexpr const char* exhausted = "RESOURCE_EXHAUSTED";

double random_jitter() {
    thread_local std::mt19937 generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(generator);
}

http::Request request_of(const std::string& endpoint, const Call& call) {
    http::Request request;
    request.method = "POST";
    request.url = endpoint + call.method;
    request.headers = call.metadata;
    request.headers.emplace_back("Content-Type", "application/grpc");
    request.headers.emplace_back("TE", "trailers");
    request.headers.emplace_back("grpc-accept-encoding", "identity");
    request.stop = call.stop;
    return request;
}

}  // namespace

class Stream::Inside {
public:
    Inside(std::string service, const http::Settings& settings, const std::string& endpoint, Call call)
        : what_(fmt::format("{}: {}", service, call.method.substr(call.method.rfind('/') + 1))),
          frames_(call.largest_message),
          http_(settings, request_of(endpoint, call), http::grpc_frame(call.request)) {}

    std::optional<std::string> next(const Admit& admit) {
        if (ended_) {
            return std::nullopt;
        }
        std::optional<std::string> message;
        try {
            message = frames_.next([this] { return more(); }, admit);
        } catch (const errors::ExternalDatasourceError& error) {
            throw errors::ExternalDatasourceError(fmt::format("{}: {}", what_, error.what()), error.sqlstate());
        } catch (const errors::InterruptedError&) {
            throw;
        } catch (const errors::Error& error) {
            throw errors::ExternalDatasourceError(fmt::format("{}: {}", what_, error.what()), "INTERNAL");
        }
        if (!message) {
            ended_ = true;
            check_end();
        }
        return message;
    }

private:
    std::string_view more() {
        const std::string_view bytes = http_.read();
        if (!bytes.empty()) {
            const http::Response& answer = http_.answer();
            if (answer.status != 200) {
                // A page of a proxy, perhaps. What is the matter is said by the status.
                return {};
            }
            if (!answer.header("content-type").value_or("").starts_with("application/grpc")) {
                throw errors::ExternalDatasourceError("the server does not speak gRPC", "UNKNOWN");
            }
        }
        return bytes;
    }

    void check_end() {
        const http::GrpcStatus status = http::grpc_status_of(http_.answer());
        if (status.name == "OK") {
            if (frames_.truncated()) {
                fail({.name = "UNAVAILABLE",
                      .message = "the answer ended in the middle of a message",
                      .retryable = true});
            }
            return;
        }
        fail(status);
    }

    [[noreturn]] void fail(const http::GrpcStatus& status) const {
        throw errors::ExternalDatasourceError(
            fmt::format("{}: {} ({})", what_, logger::mask(status.message), status.name), status.name,
            status.retryable ? "Run it again." : "",
            status.retryable ? errors::ExitCode::temporary : errors::ExitCode::bad_input);
    }

    const std::string what_;
    http::GrpcFrames frames_;
    http::Http2Call http_;
    bool ended_ = false;
};

Stream::Stream(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

std::optional<std::string> Stream::next(const Admit& admit) {
    return inside_->next(admit);
}

Tries::Tries(const cloud::ClientOptions& options, std::shared_ptr<Clock> clock)
    : policy_(options.retry), jitter_(options.jitter ? options.jitter : random_jitter), clock_(std::move(clock)) {}

bool Tries::again(const errors::ExternalDatasourceError& error, const std::stop_token& stop) {
    if (!error.retryable()) {
        return false;
    }
    constexpr int too_many_requests = 429;
    constexpr int unavailable = 503;
    const Outcome outcome{.status = error.sqlstate() == exhausted ? too_many_requests : unavailable,
                          .request_sent = true,
                          .idempotent = true,
                          .repeat_server_errors = true,
                          .server_delay = {}};
    const Decision decision = decide(policy_, state_, outcome, jitter_());
    if (decision.action != Decision::Action::retry) {
        return false;
    }
    logger::debug(fmt::format("{}: again in {} ms", error.what(), decision.delay.count()));
    if (!clock_->sleep(decision.delay, stop)) {
        throw errors::InterruptedError();
    }
    return true;
}

struct Client::Inside {
    const std::string service;
    const std::string endpoint;
    const cloud::ClientOptions options;
    const http::Settings settings;
    const std::shared_ptr<Clock> clock;
};

Client::Client(std::string service, std::string endpoint, const cloud::ClientOptions& options, std::string ca_file)
    : inside_(new Inside{
          .service = std::move(service),
          .endpoint = std::move(endpoint),
          .options = options,
          .settings = {.connect = options.connect_timeout, .idle = options.idle_timeout, .ca_file = std::move(ca_file)},
          .clock = options.clock ? options.clock : Clock::system()}) {}

Client::~Client() = default;

Tries Client::tries() const {
    return Tries(inside_->options, inside_->clock);
}

Stream Client::stream(Call call) {
    return Stream(
        std::make_unique<Stream::Inside>(inside_->service, inside_->settings, inside_->endpoint, std::move(call)));
}

std::string Client::unary(const Call& call) {
    Tries tries = this->tries();
    for (;;) {
        try {
            Stream answer = stream(call);
            std::optional<std::string> message = answer.next();
            if (!message || answer.next()) {
                throw errors::ExternalDatasourceError(
                    fmt::format("{}: {}: the answer is not one message", inside_->service, call.method), "INTERNAL");
            }
            return std::move(*message);
        } catch (const errors::ExternalDatasourceError& error) {
            if (!tries.again(error, call.stop)) {
                throw;
            }
        }
    }
}

}  // namespace tinybird_cdk::grpc
