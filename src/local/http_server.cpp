// SPDX-License-Identifier: Apache-2.0
#include "local/http_server.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <httplib.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/bounded_server.hpp"
#include "local/engine_errors.hpp"
#include "local/gzip_body.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr std::size_t most_connections = 256;
constexpr std::size_t keep_alive_requests = 1'000'000;
constexpr time_t read_timeout_seconds = 300;
/// Requests that are being answered when the server is stopped have so long.
constexpr std::chrono::seconds longest_drain{10};
constexpr std::size_t largest_drained_body = 1U << 20U;
constexpr std::size_t largest_form_field = 16U << 20U;

/// Under this name httplib does not see the encoding of a body, which it would unpack without looking at its end.
constexpr const char* hidden_encoding = "x-hidden-content-encoding";

void hide_encoding(const httplib::Request& request) {
    if (request.is_multipart_form_data()) {
        return;
    }
    // httplib gives its own request, which is not const, to a handler that can't change it otherwise.
    auto& headers = const_cast<httplib::Request&>(request).headers;  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    headers.erase(hidden_encoding);
    const std::string encoding = request.get_header_value("Content-Encoding");
    if (!encoding.empty()) {
        headers.erase("Content-Encoding");
        headers.emplace(hidden_encoding, encoding);
    }
}

/// A request of httplib as the routes see it.
class HttplibCall final : public Call {
public:
    HttplibCall(const httplib::Request& request, const httplib::ContentReader* reader)
        : request_(request), reader_(reader) {
        method = request.method;
        path = request.path;
        for (const auto& [name, value] : request.params) {
            add_parameter(name, value);
        }
        for (const auto& [name, value] : request.headers) {
            headers.insert_or_assign(core::to_lower(name), value);
        }
        if (const auto hidden = headers.find(hidden_encoding); hidden != headers.end()) {
            headers["content-encoding"] = hidden->second;
            headers.erase(hidden);
        }
    }

    /// Bytes of the body so far.
    [[nodiscard]] std::uint64_t received() const noexcept { return received_; }

    bool stream_body(const std::function<void(std::string_view)>& consumer) override {
        if (reader_ == nullptr || reading_ == Reading::ended) {
            return true;
        }
        const auto sink = [&](std::string_view piece) {
            received_ += piece.size();
            consumer(piece);
        };
        reading_ = Reading::broken_off;
        std::exception_ptr failure;
        const auto guarded = [&](auto&& work) {
            try {
                work();
                return true;
            } catch (...) {
                failure = std::current_exception();
                return false;
            }
        };
        std::optional<GzipBody> packed;
        if (!request_.is_multipart_form_data() && core::equal_ignoring_case(header("content-encoding"), "gzip")) {
            packed.emplace(sink);
        }
        const auto take = [&](std::string_view piece) { packed ? packed->write(piece) : sink(piece); };
        const bool complete = request_.is_multipart_form_data() ? stream_multipart(sink, guarded)
                                                                : (*reader_)([&](const char* data, std::size_t size) {
                                                                      return guarded([&] { take({data, size}); });
                                                                  });
        if (complete && packed) {
            reading_ = Reading::ended;
            packed->finish();
        }
        if (failure) {
            std::rethrow_exception(failure);
        }
        reading_ = complete ? Reading::ended : Reading::broken_off;
        // The fields of a form have a say in what the call does.
        if (complete && permit && request_.is_multipart_form_data()) {
            permit(*this);
        }
        return complete;
    }

    /// Reads what a refused request still has to say. @return false when the connection is of no more use, for what
    /// comes next on it would be taken for another request
    bool finish() {
        if (reader_ == nullptr || reading_ == Reading::ended) {
            return true;
        }
        if (reading_ == Reading::broken_off) {
            return false;
        }
        std::size_t left = largest_drained_body;
        const auto discard = [&](const char*, std::size_t size) {
            left -= std::min(left, size);
            return left > 0;
        };
        return request_.is_multipart_form_data()
                   ? (*reader_)([](const httplib::MultipartFormData&) { return true; }, discard)
                   : (*reader_)(discard);
    }

private:
    enum class Reading { not_begun, ended, broken_off };

    template <class Sink, class Guarded>
    bool stream_multipart(const Sink& sink, Guarded& guarded) {
        bool file_seen = false;
        bool in_file = false;
        std::string* field = nullptr;
        return (*reader_)(
            [&](const httplib::MultipartFormData& part) {
                // Clients name the file's part as they like; some give it no file name.
                const bool data_name =
                    part.name == "csv" || part.name == "ndjson" || part.name == "parquet" || part.name == "file";
                in_file = !file_seen && (!part.filename.empty() || data_name);
                file_seen = file_seen || in_file;
                field = in_file ? nullptr : &parameters[part.name];
                if (in_file) {
                    file_name = part.filename;
                } else {
                    // The query may have one of this name too.
                    field->clear();
                }
                return true;
            },
            [&](const char* data, std::size_t size) {
                return guarded([&] {
                    if (in_file) {
                        sink({data, size});
                    } else if (field->size() + size <= largest_form_field) {
                        field->append(data, size);
                    } else {
                        throw Refusal(413, "a form field is too large");
                    }
                });
            });
    }

    const httplib::Request& request_;
    const httplib::ContentReader* reader_;
    Reading reading_ = Reading::not_begun;
    std::uint64_t received_ = 0;
};

/// Tells the connections of this server that no more requests come: those that are idle end at once, where httplib
/// would wait for the whole keep-alive time. It gives nobody its sockets, so they are known by their local port.
void end_idle_connections(int port) {
    const long most = std::min(::sysconf(_SC_OPEN_MAX), 65'536L);
    for (int socket = 0; socket < most; ++socket) {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            continue;
        }
        const in_port_t local = address.ss_family == AF_INET    ? reinterpret_cast<sockaddr_in*>(&address)->sin_port
                                : address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                                                                : in_port_t{0};
        if (local == htons(static_cast<std::uint16_t>(port))) {
            ::shutdown(socket, SHUT_RD);
        }
    }
}

Answer answer_of_exception() {
    try {
        throw;
    } catch (const Refusal& refusal) {
        return error_answer(refusal.status(), refusal.what());
    } catch (const chdb::EngineError& error) {
        return answer_of(error);
    } catch (const errors::Error& error) {
        return error_answer(error.retryable() ? 503 : 400, error.what());
    } catch (const std::exception& error) {
        return error_answer(500, error.what());
    }
}

}  // namespace

class HttpServer::Impl {
public:
    Impl(std::function<std::optional<Answer>(const Call&)> check, std::function<Answer(Call&)> dispatch,
         std::function<void(const Exchange&)> observe)
        : check_(std::move(check)), dispatch_(std::move(dispatch)), observe_(std::move(observe)) {
        server_.set_after_connection([] { in_flight_here_.reset(); });
        server_.set_keep_alive_max_count(keep_alive_requests);
        server_.set_keep_alive_timeout(60);
        server_.set_read_timeout(read_timeout_seconds);
        server_.set_tcp_nodelay(true);
        // Asked first, a refused upload is never sent.
        server_.set_expect_100_continue_handler([this](const httplib::Request& request, httplib::Response& response) {
            const HttplibCall call(request, nullptr);
            if (const auto refusal = check_(call)) {
                fill(response, *refusal);
                return refusal->status;
            }
            // Told to go on, its client is to be answered, though a stop may come before the rest is read.
            in_flight_here_ = std::make_unique<InFlight>(*this);
            return 100;
        });
        server_.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
            const bool has_body = request.has_header("Content-Length") || request.has_header("Transfer-Encoding");
            hide_encoding(request);
            HttplibCall call(request, nullptr);
            if (const auto refusal = check_(call)) {
                fill(response, *refusal);
                if (has_body) {
                    // The body is still to come: the connection can't be used again.
                    response.set_header("Connection", "close");
                }
                return httplib::Server::HandlerResponse::Handled;
            }
            if (request.method != "GET" && request.method != "HEAD" && !has_body) {
                // httplib would wait for the end of the connection.
                answer(call, response);
                return httplib::Server::HandlerResponse::Handled;
            }
            return httplib::Server::HandlerResponse::Unhandled;
        });
        const auto with_body = [this](const httplib::Request& request, httplib::Response& response,
                                      const httplib::ContentReader& reader) {
            HttplibCall call(request, &reader);
            answer(call, response);
        };
        const auto without_body = [this](const httplib::Request& request, httplib::Response& response) {
            HttplibCall call(request, nullptr);
            answer(call, response);
        };
        server_.Get(".*", without_body);
        server_.Post(".*", with_body);
        server_.Put(".*", with_body);
        server_.Delete(".*", with_body);
        // Called by the thread that has answered, before the answer is written: who has it finds itself in the metrics.
        server_.set_post_routing_handler([this](const httplib::Request& request, const httplib::Response& response) {
            Exchange exchange = std::exchange(current_, {});
            exchange.id = response.get_header_value("X-Request-Id");
            exchange.remote = request.remote_addr;
            exchange.method = request.method;
            exchange.path = request.path;
            exchange.target = logger::mask(request.target);
            exchange.status = response.status;
            exchange.bytes_out = request.method == "HEAD" ? 0 : response.body.size();
            observe_(exchange);
        });
        // And this one when it is written.
        server_.set_logger([](const httplib::Request&, const httplib::Response&) { in_flight_here_.reset(); });
    }

    int bind(const std::string& host, int port) {
        const int bound = port == 0 ? server_.bind_to_any_port(host) : (server_.bind_to_port(host, port) ? port : -1);
        if (bound < 0) {
            throw errors::Error(
                fmt::format("can't listen on {}:{}", host, port),
                "Another program uses the port: choose another with --port, or --port 0 for a free one.");
        }
        server_.widen_backlog();
        port_ = bound;
        return bound;
    }
    void run() { server_.listen_after_bind(); }
    [[nodiscard]] std::int64_t open_connections() const noexcept {
        return static_cast<std::int64_t>(server_.open_connections());
    }
    void stop() {
        server_.stop();
        std::unique_lock lock(mutex_);
        ended_.wait_for(lock, longest_drain, [this] { return in_flight_ == 0; });
        end_idle_connections(port_);
    }

private:
    static void fill(httplib::Response& response, const Answer& answer) {
        response.status = answer.status;
        response.set_header("X-Request-Id", core::random_hex(16));
        for (const auto& [name, value] : answer.headers) {
            response.set_header(name, value);
        }
        if ((answer.status == 429 || answer.status == 503) && !answer.headers.contains("Retry-After")) {
            response.set_header("Retry-After", "1");
        }
        response.set_content(answer.body, answer.content_type);
    }

    /// A request that is being answered.
    class InFlight {
    public:
        explicit InFlight(Impl& server) : server_(server) {
            const std::lock_guard lock(server_.mutex_);
            ++server_.in_flight_;
        }
        InFlight(const InFlight&) = delete;
        InFlight& operator=(const InFlight&) = delete;
        ~InFlight() {
            const std::lock_guard lock(server_.mutex_);
            --server_.in_flight_;
            server_.ended_.notify_all();
        }

    private:
        Impl& server_;
    };

    void answer(HttplibCall& call, httplib::Response& response) {
        // Until its answer is written: of a connection that a stop takes for idle, httplib would not write it any more.
        if (!in_flight_here_) {
            in_flight_here_ = std::make_unique<InFlight>(*this);
        }
        const auto begin = std::chrono::steady_clock::now();
        try {
            fill(response, dispatch_(call));
        } catch (...) {
            fill(response, answer_of_exception());
        }
        const int status = response.status;
        if (!call.finish()) {
            response.set_header("Connection", "close");
        }
        // httplib has its own opinion of a body that was not read to its end.
        response.status = status;
        current_.route = call.route;
        current_.bytes_in = call.received();
        current_.taken =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
    }

    const std::function<std::optional<Answer>(const Call&)> check_;
    const std::function<Answer(Call&)> dispatch_;
    const std::function<void(const Exchange&)> observe_;
    static thread_local Exchange current_;  ///< of the request that this thread answers
    static thread_local std::unique_ptr<InFlight> in_flight_here_;
    int port_ = 0;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t in_flight_ = 0;
    BoundedServer server_{most_connections};
};

thread_local Exchange HttpServer::Impl::current_;
thread_local std::unique_ptr<HttpServer::Impl::InFlight> HttpServer::Impl::in_flight_here_;

HttpServer::HttpServer(std::function<std::optional<Answer>(const Call&)> check, std::function<Answer(Call&)> dispatch,
                       std::function<void(const Exchange&)> observe)
    : impl_(std::make_unique<Impl>(std::move(check), std::move(dispatch), std::move(observe))) {}
HttpServer::~HttpServer() = default;
int HttpServer::bind(const std::string& host, int port) {
    return impl_->bind(host, port);
}
void HttpServer::run() {
    impl_->run();
}
void HttpServer::stop() {
    impl_->stop();
}
std::int64_t HttpServer::open_connections() const noexcept {
    return impl_->open_connections();
}

}  // namespace tinybird_cdk::local
