// SPDX-License-Identifier: Apache-2.0
#include "local/bounded_server.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tinybird_cdk::local {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// The head of a request, from its first byte to its last. Bodies may take their time: they come from slow queries.
constexpr milliseconds longest_head{30'000};
constexpr milliseconds idle_slice{250};
constexpr std::size_t buffer_size = 16U << 10U;

constexpr std::string_view refusal =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\n"
    "Content-Length: 68\r\n\r\n{\"error\": \"too many connections are open: close some, or try again\"}";

bool wait_for(int socket, short events, milliseconds time) {
    pollfd entry{socket, events, 0};
    return ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(time.count(), 0))) > 0;
}

/// A socket as httplib reads and writes it.
class BoundedStream final : public httplib::Stream {
public:
    BoundedStream(int socket, milliseconds read_time, milliseconds write_time)
        : socket_(socket), read_time_(read_time), write_time_(write_time), head_end_(Clock::now() + longest_head) {}

    [[nodiscard]] bool is_readable() const override {
        if (begin_ < end_) {
            return true;
        }
        milliseconds time = read_time_;
        if (line_breaks_ < 2) {
            time = std::min(time, std::chrono::duration_cast<milliseconds>(head_end_ - Clock::now()));
        }
        return time.count() > 0 && wait_for(socket_, POLLIN, time);
    }
    [[nodiscard]] bool is_writable() const override { return wait_for(socket_, POLLOUT, write_time_); }

    ssize_t read(char* data, std::size_t size) override {
        if (!is_readable()) {
            return -1;
        }
        if (begin_ == end_) {
            const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
            if (got <= 0) {
                return got;
            }
            begin_ = 0;
            end_ = static_cast<std::size_t>(got);
        }
        const std::size_t count = std::min(size, end_ - begin_);
        std::copy_n(buffer_.data() + begin_, count, data);
        begin_ += count;
        for (std::size_t i = 0; i < count && line_breaks_ < 2; ++i) {
            // The head ends with an empty line.
            line_breaks_ = data[i] == '\n' ? line_breaks_ + 1 : data[i] == '\r' ? line_breaks_ : 0;
        }
        return static_cast<ssize_t>(count);
    }
    ssize_t write(const char* data, std::size_t size) override {
        return is_writable() ? ::send(socket_, data, size, MSG_NOSIGNAL) : -1;
    }
    void get_remote_ip_and_port(std::string& ip, int& port) const override { name(::getpeername, ip, port); }
    void get_local_ip_and_port(std::string& ip, int& port) const override { name(::getsockname, ip, port); }
    [[nodiscard]] socket_t socket() const override { return socket_; }

    /// The next request begins now.
    void begin_head() {
        head_end_ = Clock::now() + longest_head;
        line_breaks_ = 0;
    }
    [[nodiscard]] bool has_more() const noexcept { return begin_ < end_; }

private:
    template <class Call>
    void name(Call call, std::string& ip, int& port) const {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        if (call(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            return;
        }
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (address.ss_family == AF_INET) {
            const auto* const v4 = reinterpret_cast<sockaddr_in*>(&address);
            ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
            port = ntohs(v4->sin_port);
        } else {
            const auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address);
            ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
            port = ntohs(v6->sin6_port);
        }
        ip = text.data();
    }

    const int socket_;
    const milliseconds read_time_;
    const milliseconds write_time_;
    Clock::time_point head_end_;
    int line_breaks_ = 0;
    std::array<char, buffer_size> buffer_{};
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

/// Set while a connection is taken that is one too many.
thread_local bool refuses = false;

void refuse(int socket) {
    ::send(socket, refusal.data(), refusal.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(socket, SHUT_WR);
    // What is not read when a socket is closed makes the kernel take back what was sent.
    std::array<char, 4096> rest{};
    while (::recv(socket, rest.data(), rest.size(), MSG_DONTWAIT) > 0) {
    }
    ::close(socket);
}

}  // namespace

/// A thread for each connection, made when it is needed and kept for the next one.
class BoundedServer::Workers final : public httplib::TaskQueue {
public:
    Workers(std::size_t most, std::atomic<std::size_t>& open) : most_(most), open_(open) {}

    void enqueue(std::function<void()> task) override {
        if (open_ >= most_) {
            refuses = true;
            task();
            refuses = false;
            return;
        }
        ++open_;
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        if (idle_ < tasks_.size()) {
            threads_.emplace_back([this] { work(); });
        } else {
            ready_.notify_one();
        }
    }
    void shutdown() override {
        {
            const std::lock_guard lock(mutex_);
            ends_ = true;
        }
        ready_.notify_all();
        for (std::thread& thread : threads_) {
            thread.join();
        }
    }

private:
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            ++idle_;
            ready_.wait(lock, [this] { return ends_ || !tasks_.empty(); });
            --idle_;
            if (tasks_.empty()) {
                return;
            }
            const auto task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
            --open_;
            lock.lock();
        }
    }

    const std::size_t most_;
    std::atomic<std::size_t>& open_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::function<void()>> tasks_;
    std::size_t idle_ = 0;
    bool ends_ = false;
    std::vector<std::thread> threads_;
};

BoundedServer::BoundedServer(std::size_t most_connections) : most_connections_(most_connections) {
    new_task_queue = [this] { return new Workers(most_connections_, open_); };  // NOLINT: httplib takes it over
}

/// Connections that do nothing make room when it gets narrow.
bool BoundedServer::wait_for_request(socket_t socket) const {
    const auto end = Clock::now() + std::chrono::seconds(keep_alive_timeout_sec_);
    do {
        if (wait_for(socket, POLLIN, idle_slice)) {
            return true;
        }
    } while (Clock::now() < end && open_ * 4 < most_connections_ * 3 && svr_sock_ != INVALID_SOCKET);
    return false;
}

bool BoundedServer::process_and_close_socket(socket_t socket) {
    if (refuses) {
        refuse(socket);
        return false;
    }
    const auto milliseconds_of = [](time_t seconds, time_t microseconds) {
        return milliseconds(seconds * 1000 + microseconds / 1000);
    };
    BoundedStream stream(socket, milliseconds_of(read_timeout_sec_, read_timeout_usec_),
                         milliseconds_of(write_timeout_sec_, write_timeout_usec_));
    bool good = true;
    for (std::size_t left = keep_alive_max_count_; left > 0 && good; --left) {
        if (!stream.has_more() && !wait_for_request(socket)) {
            break;
        }
        stream.begin_head();
        bool closed = false;
        good = process_request(stream, left == 1, closed, nullptr) && !closed && svr_sock_ != INVALID_SOCKET;
    }
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
    after_connection_();
    return good;
}

}  // namespace tinybird_cdk::local
