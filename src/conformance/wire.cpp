// SPDX-License-Identifier: Apache-2.0
#include "conformance/wire.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::conformance {

namespace {

class Socket {
public:
    explicit Socket(int descriptor = -1) noexcept : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~Socket() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    [[nodiscard]] int get() const noexcept { return descriptor_; }
    void shut_down(int how = SHUT_RDWR) const noexcept { ::shutdown(descriptor_, how); }

private:
    int descriptor_;
};

std::uint16_t port_of(const Socket& socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

Socket bound_socket() {
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket.get() < 0 || ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        throw errors::Error(std::string("no port of 127.0.0.1 can be had: ") + std::strerror(errno));
    }
    return socket;
}

Socket connected(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &raw) != 0) {
        return Socket();
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(raw, ::freeaddrinfo);
    for (const addrinfo* one = raw; one != nullptr; one = one->ai_next) {
        Socket socket(::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol));
        if (socket.get() >= 0 && ::connect(socket.get(), one->ai_addr, one->ai_addrlen) == 0) {
            return socket;
        }
    }
    return Socket();
}

bool send_all(const Socket& socket, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t sent = ::send(socket.get(), data, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        data += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

}  // namespace

class Wire::Impl {
public:
    Impl(std::string host, std::string port)
        : host_(std::move(host)), port_(std::move(port)), listener_(bound_socket()) {
        if (::listen(listener_.get(), 64) != 0) {
            throw errors::Error(std::string("a port can't be listened on: ") + std::strerror(errno));
        }
        acceptor_ = std::thread([this] { accept(); });
    }
    ~Impl() {
        cut();
        listener_.shut_down();
        acceptor_.join();
        for (std::thread& pump : pumps_) {
            pump.join();
        }
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_of(listener_); }
    [[nodiscard]] std::uint64_t answered() {
        const std::lock_guard lock(mutex_);
        return answered_;
    }
    void hold_after(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        hold_at_ = sent_ + bytes;
    }
    bool held_within(std::chrono::seconds limit) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [&] { return held_; });
    }
    void release() {
        const std::lock_guard lock(mutex_);
        hold_at_.reset();
        held_ = false;
        changed_.notify_all();
    }
    void cut_after(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        cut_at_ = answered_ + bytes;
        cut_if_due();
    }
    void cut() {
        const std::lock_guard lock(mutex_);
        cut_at_ = 0;
        cut_if_due();
    }
    bool is_cut() {
        const std::lock_guard lock(mutex_);
        return cut_;
    }

private:
    struct Pair {
        Socket client;
        Socket server;
        int ended = 0;  ///< directions that have
    };

    void accept() {
        while (true) {
            Socket client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (client.get() < 0) {
                return;
            }
            Socket server = connected(host_, port_);
            const std::lock_guard lock(mutex_);
            if (cut_ || server.get() < 0) {
                continue;
            }
            auto pair = std::make_shared<Pair>();
            pair->client = std::move(client);
            pair->server = std::move(server);
            pairs_.push_back(pair);
            pumps_.emplace_back([this, pair] { pump(*pair, true); });
            pumps_.emplace_back([this, pair] { pump(*pair, false); });
        }
    }

    void pump(Pair& pair, bool to_server) {
        const Socket& from = to_server ? pair.client : pair.server;
        const Socket& to = to_server ? pair.server : pair.client;
        std::array<char, 65536> block;
        while (true) {
            const ssize_t received = ::recv(from.get(), block.data(), block.size(), 0);
            if (received <= 0) {
                break;
            }
            const std::size_t passed = let_through(static_cast<std::size_t>(received), to_server);
            if (!send_all(to, block.data(), passed) || passed < static_cast<std::size_t>(received)) {
                break;
            }
        }
        const std::lock_guard lock(mutex_);
        // What one side has ended the other may still answer to, unless all is over.
        to.shut_down(cut_ ? SHUT_RDWR : SHUT_WR);
        if (++pair.ended == 2) {
            pairs_.remove_if([&](const auto& known) { return known.get() == &pair; });
        }
    }

    /// Waits while the wire is held. @return how many of the bytes may go; fewer than all: the wire is cut
    std::size_t let_through(std::size_t bytes, bool to_server) {
        std::unique_lock lock(mutex_);
        if (to_server) {
            if (hold_at_ && sent_ + bytes >= *hold_at_) {
                held_ = true;
                changed_.notify_all();
                changed_.wait(lock, [&] { return !held_ || cut_; });
            }
            sent_ += bytes;
            return cut_ ? 0 : bytes;
        }
        const std::uint64_t allowed = cut_at_ ? *cut_at_ - std::min(answered_, *cut_at_) : bytes;
        const std::size_t passed = std::min<std::uint64_t>(bytes, allowed);
        answered_ += passed;
        if (cut_at_ && answered_ >= *cut_at_ && passed < bytes) {
            // The bytes before the cut get through, so it falls where it was wanted.
            cut_ = true;
            for (const auto& pair : pairs_) {
                pair->server.shut_down();
                pair->client.shut_down(SHUT_RD);
            }
            changed_.notify_all();
        }
        return passed;
    }

    void cut_if_due() {
        if (cut_at_ && answered_ >= *cut_at_) {
            cut_ = true;
            for (const auto& pair : pairs_) {
                pair->client.shut_down();
                pair->server.shut_down();
            }
            changed_.notify_all();
        }
    }

    const std::string host_;
    const std::string port_;
    const Socket listener_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t sent_ = 0;
    std::uint64_t answered_ = 0;
    std::optional<std::uint64_t> hold_at_;
    std::optional<std::uint64_t> cut_at_;
    bool held_ = false;
    bool cut_ = false;
    std::list<std::shared_ptr<Pair>> pairs_;
    std::vector<std::thread> pumps_;
    std::thread acceptor_;
};

Wire::Wire(std::string host, std::string port) : impl_(std::make_shared<Impl>(std::move(host), std::move(port))) {}
Wire::~Wire() = default;

std::string Wire::port() const {
    return std::to_string(impl_->port());
}
std::uint64_t Wire::answered() const {
    return impl_->answered();
}
void Wire::hold_after(std::uint64_t sent_bytes) {
    impl_->hold_after(sent_bytes);
}
bool Wire::held_within(std::chrono::seconds limit) const {
    return impl_->held_within(limit);
}
void Wire::release() {
    impl_->release();
}
void Wire::cut_after(std::uint64_t answered_bytes) {
    impl_->cut_after(answered_bytes);
}
void Wire::cut() {
    impl_->cut();
}
bool Wire::is_cut() const {
    return impl_->is_cut();
}

std::string closed_port() {
    return std::to_string(port_of(bound_socket()));
}

}  // namespace tinybird_cdk::conformance
