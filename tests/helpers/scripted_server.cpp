// SPDX-License-Identifier: Apache-2.0
#include "helpers/scripted_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include "core/text.hpp"

namespace tinybird_cdk::testing {

namespace {

struct Bound {
    core::FileDescriptor socket;
    std::uint16_t port = 0;
};

Bound bind_to_free_port() {
    core::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    if (!socket || ::bind(socket.get(), plain, size) != 0 || ::getsockname(socket.get(), plain, &size) != 0) {
        throw std::system_error(errno, std::generic_category(), "no port to listen on");
    }
    return {std::move(socket), ntohs(address.sin_port)};
}

int hex_digit(char c) noexcept {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

std::string decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
            result += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            result += text[i] == '+' ? ' ' : text[i];
        }
    }
    return result;
}

/// The connection is over.
struct Ended {};

}  // namespace

std::optional<std::string> Received::parameter(std::string_view name) const {
    const std::size_t mark = target.find('?');
    std::string_view query = mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t sign = pair.find('=');
        if (decoded(pair.substr(0, sign)) == name) {
            return sign == std::string_view::npos ? std::string() : decoded(pair.substr(sign + 1));
        }
    }
    return std::nullopt;
}

std::optional<std::string> Received::header(std::string_view name) const {
    const auto found =
        std::find_if(headers.begin(), headers.end(), [&](const auto& line) { return line.first == name; });
    return found == headers.end() ? std::nullopt : std::optional(found->second);
}

/// One connection, request by request.
class ScriptedServer::Session {
public:
    Session(ScriptedServer& server, int socket, std::size_t number)
        : server_(server), socket_(socket), number_(number) {}

    void serve() {
        try {
            while (serve_one()) {
            }
        } catch (const Ended&) {
            if (begun_) {
                server_.record(std::move(request_));
            }
        }
    }

private:
    /// @return false when the connection is to be closed
    bool serve_one() {
        request_ = {};
        request_.connection = number_;
        read_head();
        Reply reply = server_.script_(request_);
        if (!reply.early) {
            if (request_.header("expect") && !reply.withhold_continue) {
                send("HTTP/1.1 100 Continue\r\n\r\n");
            }
            read_body(reply);
            request_.complete = true;
            if (reply.answer) {
                reply = reply.answer(request_);
            }
        }
        server_.record(reply.reads_on ? Received(request_) : std::move(request_));
        begun_ = false;
        if (!server_.pause(reply.delay)) {
            return false;
        }
        send_answer(reply);
        if (reply.early && reply.reads_on) {
            read_body({});
            return true;
        }
        return !reply.early && !reply.close_after && !reply.cut_at_answer_byte;
    }

    std::size_t receive() {
        const ssize_t count = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
        if (count <= 0) {
            throw Ended();
        }
        begin_ = 0;
        end_ = static_cast<std::size_t>(count);
        return end_;
    }
    char next() {
        if (begin_ == end_) {
            receive();
        }
        return buffer_[begin_++];
    }
    std::string line() {
        std::string text;
        while (!text.ends_with("\r\n")) {
            text += next();
        }
        text.resize(text.size() - 2);
        return text;
    }

    void read_head() {
        const std::string first = line();
        begun_ = true;
        const std::size_t space = first.find(' ');
        request_.method = first.substr(0, space);
        request_.target = first.substr(space + 1, first.rfind(' ') - space - 1);
        for (std::string text = line(); !text.empty(); text = line()) {
            const std::size_t colon = text.find(':');
            request_.headers.emplace_back(core::to_lower(text.substr(0, colon)),
                                          std::string(core::trim(std::string_view(text).substr(colon + 1))));
        }
    }

    void read_body(const Reply& reply) {
        if (request_.header("transfer-encoding")) {
            while (true) {
                const std::string head = line();
                std::size_t size = 0;
                if (std::from_chars(head.data(), head.data() + head.size(), size, 16).ec != std::errc()) {
                    throw Ended();
                }
                if (size == 0) {
                    line();
                    return;
                }
                read_bytes(size, reply);
                line();
            }
        }
        if (const auto length = request_.header("content-length")) {
            read_bytes(std::stoull(*length), reply);
        }
    }

    void read_bytes(std::size_t count, const Reply& reply) {
        while (count > 0) {
            if (reply.reset_at_body_byte && request_.body.size() >= *reply.reset_at_body_byte) {
                end_with_reset();
            }
            if (begin_ == end_) {
                if (!server_.pause(reply.read_pause)) {
                    throw Ended();
                }
                receive();
            }
            std::size_t step = std::min(count, end_ - begin_);
            if (reply.reset_at_body_byte) {
                step = std::min(step, *reply.reset_at_body_byte - request_.body.size());
            }
            request_.body.append(buffer_.data() + begin_, step);
            begin_ += step;
            count -= step;
        }
        if (reply.reset_at_body_byte && request_.body.size() >= *reply.reset_at_body_byte) {
            end_with_reset();
        }
    }

    [[noreturn]] void end_with_reset() const {
        const linger at_once{1, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        throw Ended();
    }

    void send(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t count = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (count <= 0) {
                throw Ended();
            }
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    static std::string text_of(const Reply& reply) {
        if (!reply.raw.empty()) {
            return reply.raw;
        }
        std::string text = fmt::format("HTTP/1.1 {} Scripted\r\n", reply.status);
        for (const auto& [name, value] : reply.headers) {
            text += fmt::format("{}: {}\r\n", name, value);
        }
        return text + (reply.chunked ? fmt::format("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                                                   reply.body.size(), reply.body)
                                     : fmt::format("Content-Length: {}\r\n\r\n{}", reply.body.size(), reply.body));
    }

    void send_answer(const Reply& reply) const {
        std::string text = text_of(reply);
        if (reply.cut_at_answer_byte) {
            text.resize(std::min(text.size(), *reply.cut_at_answer_byte));
        }
        send(text);
        if (reply.reset) {
            end_with_reset();
        }
    }

    ScriptedServer& server_;
    const int socket_;
    const std::size_t number_;
    Received request_;
    bool begun_ = false;
    std::array<char, 16 * 1024> buffer_{};
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
    auto [socket, port] = bind_to_free_port();
    listener_ = std::move(socket);
    port_ = port;
    if (::listen(listener_.get(), 256) != 0) {
        throw std::system_error(errno, std::generic_category(), "listen");
    }
    acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::ScriptedServer(std::vector<Reply> replies)
    : ScriptedServer([replies = std::move(replies), number = std::make_shared<std::size_t>(0),
                      mutex = std::make_shared<std::mutex>()](const Received&) {
          const std::lock_guard lock(*mutex);
          return replies.at(std::min((*number)++, replies.size() - 1));
      }) {}

ScriptedServer::~ScriptedServer() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        for (const auto& socket : sockets_) {
            ::shutdown(socket.get(), SHUT_RDWR);
        }
    }
    changed_.notify_all();
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

void ScriptedServer::accept_all() {
    while (true) {
        core::FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!socket) {
            return;
        }
        const int on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::lock_guard lock(mutex_);
        if (ending_) {
            return;
        }
        const std::size_t number = ++connections_;
        const auto place = sockets_.insert(sockets_.end(), std::move(socket));
        threads_.emplace_back([this, place, number] {
            Session(*this, place->get(), number).serve();
            const std::lock_guard closing(mutex_);
            sockets_.erase(place);
        });
    }
}

void ScriptedServer::record(Received request) {
    {
        const std::lock_guard lock(mutex_);
        received_.push_back(std::move(request));
    }
    changed_.notify_all();
}

bool ScriptedServer::pause(std::chrono::milliseconds duration) {
    std::unique_lock lock(mutex_);
    if (duration.count() > 0) {
        changed_.wait_for(lock, duration, [&] { return ending_; });
    }
    return !ending_;
}

std::string ScriptedServer::url() const {
    return fmt::format("http://127.0.0.1:{}", port_);
}

std::vector<Received> ScriptedServer::received() const {
    const std::lock_guard lock(mutex_);
    return received_;
}

bool ScriptedServer::wait_for(std::size_t requests) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return received_.size() >= requests; });
}

std::size_t ScriptedServer::connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
}

std::uint16_t closed_port() {
    return bind_to_free_port().port;
}

}  // namespace tinybird_cdk::testing
