// SPDX-License-Identifier: Apache-2.0
#include "core/conformance/line_server.hpp"

#include <array>
#include <stdexcept>
#include <thread>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tinybird_cdk::testing {

namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

}  // namespace

class LineServer::Impl {
public:
    explicit Impl(std::string lines) : lines_(std::move(lines)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address = loopback(0);
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listener_, 16) != 0) {
            throw std::runtime_error("no port can be had");
        }
        thread_ = std::thread([this] { serve(); });
    }
    ~Impl() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    [[nodiscard]] int port() const {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        return ntohs(address.sin_port);
    }

private:
    void serve() {
        int client = -1;
        while ((client = ::accept(listener_, nullptr, nullptr)) >= 0) {
            std::string_view rest = lines_;
            while (!rest.empty()) {
                const ssize_t sent = ::send(client, rest.data(), rest.size(), MSG_NOSIGNAL);
                if (sent <= 0) {
                    break;
                }
                rest.remove_prefix(static_cast<std::size_t>(sent));
            }
            ::close(client);
        }
    }

    const std::string lines_;
    const int listener_;
    std::thread thread_;
};

LineServer::LineServer(std::string lines) : impl_(std::make_unique<Impl>(std::move(lines) + ".\n")) {}
LineServer::~LineServer() = default;
std::string LineServer::port() const {
    return std::to_string(impl_->port());
}

std::string all_of(const std::string& port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(std::stoi(port));
    std::string text;
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket);
        throw std::runtime_error("nobody listens on port " + port);
    }
    std::array<char, 4096> block{};
    ssize_t count = 0;
    while ((count = ::recv(socket, block.data(), block.size(), 0)) > 0) {
        text.append(block.data(), static_cast<std::size_t>(count));
    }
    ::close(socket);
    return text;
}

}  // namespace tinybird_cdk::testing
