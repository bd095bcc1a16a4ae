// SPDX-License-Identifier: Apache-2.0
/// An HTTP server that reads uploads and throws them away, at next to no cost: what is measured beside it is the
/// sender. It answers as much of Tinybird's API as an import needs. `bench_sink FILE` prints its port; FILE describes
/// the data source, as GET /v0/datasources/NAME answers.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

class Descriptor {
public:
    explicit Descriptor(int value) noexcept : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    [[nodiscard]] int get() const noexcept { return value_; }

private:
    int value_;
};

/// The peer closed the connection, or what it sent is no HTTP.
struct Closed {};

class Connection {
public:
    Connection(Descriptor socket, const std::string& description)
        : socket_(std::move(socket)), description_(description) {}

    void serve() {
        while (true) {
            const std::string head = read_head();
            const std::string_view first_line = std::string_view(head).substr(0, head.find("\r\n"));
            if (contains(head, "\r\nexpect: 100-continue")) {
                send("HTTP/1.1 100 Continue\r\n\r\n");
            }
            if (contains(head, "\r\ntransfer-encoding: chunked")) {
                skip_chunks();
            } else if (const std::size_t at = head.find("\r\ncontent-length: "); at != std::string::npos) {
                std::size_t size = 0;
                std::from_chars(head.data() + at + 18, head.data() + head.size(), size);
                skip(size);
            }
            answer(first_line);
        }
    }

private:
    static bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

    void fill() {
        const ssize_t count = ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
        if (count <= 0) {
            throw Closed();
        }
        begin_ = 0;
        end_ = static_cast<std::size_t>(count);
    }
    char next() {
        if (begin_ == end_) {
            fill();
        }
        return buffer_[begin_++];
    }
    std::string read_head() {
        std::string head;
        while (!head.ends_with("\r\n\r\n")) {
            head.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(next()))));
        }
        return head;
    }
    void skip(std::size_t count) {
        while (count > 0) {
            if (begin_ == end_) {
                fill();
            }
            const std::size_t step = std::min(count, end_ - begin_);
            begin_ += step;
            count -= step;
        }
    }
    void skip_chunks() {
        while (true) {
            std::string line;
            while (!line.ends_with("\r\n")) {
                line.push_back(next());
            }
            std::size_t size = 0;
            if (std::from_chars(line.data(), line.data() + line.size(), size, 16).ec != std::errc()) {
                throw Closed();
            }
            skip(size + 2);
            if (size == 0) {
                return;
            }
        }
    }
    void send(std::string_view text) {
        while (!text.empty()) {
            const ssize_t count = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
            if (count <= 0) {
                throw Closed();
            }
            text.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void answer(std::string_view request) {
        std::string body = R"({"id":"1","import_id":"1"})";
        if (request.starts_with("get /v0/jobs/")) {
            body = R"({"id":"1","kind":"import","status":"done"})";
        } else if (request.starts_with("post /v0/events")) {
            body = R"({"successful_rows":1000,"quarantined_rows":0})";
        } else if (request.starts_with("get /v0/datasources/")) {
            body = description_;
        }
        send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
             "\r\n\r\n" + body);
    }

    Descriptor socket_;
    const std::string& description_;
    std::array<char, 256 * 1024> buffer_{};
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: bench_sink FILE\n";
        return 1;
    }
    std::ifstream file(argv[1]);
    const std::string description{std::istreambuf_iterator<char>(file), {}};
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const plain_address = reinterpret_cast<sockaddr*>(&address);
    if (description.empty() || ::bind(listener.get(), plain_address, size) != 0 || ::listen(listener.get(), 64) != 0 ||
        ::getsockname(listener.get(), plain_address, &size) != 0) {
        std::perror("bench_sink");
        return 1;
    }
    std::cout << ntohs(address.sin_port) << std::endl;
    while (true) {
        Descriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (socket.get() < 0) {
            return 1;
        }
        const int no_delay = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
        std::thread([socket = std::move(socket), &description]() mutable {
            try {
                std::make_unique<Connection>(std::move(socket), description)->serve();
            } catch (const Closed&) {
                return;
            }
        }).detach();
    }
}
