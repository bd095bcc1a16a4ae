// SPDX-License-Identifier: Apache-2.0
#include "conformance/wire.hpp"

#include <array>
#include <string>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace tinybird_cdk::conformance {
namespace {

using namespace std::chrono_literals;

sockaddr_in loopback(const std::string& port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    return address;
}

/// Gives back what it gets, to one client.
class Echo {
public:
    Echo() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address = loopback("0");
        ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
        ::listen(listener_, 4);
        thread_ = std::thread([this] {
            const int client = ::accept(listener_, nullptr, nullptr);
            std::array<char, 1000> block{};
            ssize_t count = 0;
            while (client >= 0 && (count = ::recv(client, block.data(), block.size(), 0)) > 0) {
                ::send(client, block.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL);
            }
            ::close(client);
        });
    }
    ~Echo() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    Echo(const Echo&) = delete;
    Echo& operator=(const Echo&) = delete;
    [[nodiscard]] std::string port() const {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        return std::to_string(ntohs(address.sin_port));
    }

private:
    int listener_;
    std::thread thread_;
};

class Client {
public:
    explicit Client(const std::string& port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const sockaddr_in address = loopback(port);
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    ~Client() { ::close(socket_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    void send(const std::string& text) const { ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
    void end() const { ::shutdown(socket_, SHUT_WR); }
    /// To the end, or until there are so many bytes.
    [[nodiscard]] std::string receive(std::size_t most = std::string::npos) const {
        std::string text;
        char byte = 0;
        while (text.size() < most && ::recv(socket_, &byte, 1, 0) == 1) {
            text += byte;
        }
        return text;
    }

private:
    int socket_;
};

TEST(TestWire, PassesEverythingOn) {
    const Echo echo;
    const Wire wire("127.0.0.1", echo.port());
    const Client client(wire.port());
    client.send("hello");
    client.end();
    EXPECT_EQ(client.receive(), "hello");
    EXPECT_EQ(wire.answered(), 5U);
}

TEST(TestWire, IsCutAtTheByte) {
    const Echo echo;
    Wire wire("127.0.0.1", echo.port());
    wire.cut_after(3);
    const Client client(wire.port());
    client.send("hello");
    EXPECT_EQ(client.receive(), "hel");
    EXPECT_TRUE(wire.is_cut());
    const Client later(wire.port());
    EXPECT_EQ(later.receive(), "");
}

TEST(TestWire, HoldsUntilItIsReleased) {
    const Echo echo;
    Wire wire("127.0.0.1", echo.port());
    wire.hold_after(5);
    const Client client(wire.port());
    client.send("hi");
    EXPECT_EQ(client.receive(2), "hi");
    EXPECT_FALSE(wire.held_within(0s));
    client.send("there");
    EXPECT_TRUE(wire.held_within(30s));
    EXPECT_EQ(wire.answered(), 2U);
    wire.release();
    EXPECT_EQ(client.receive(5), "there");
}

TEST(TestWire, CanBeCutWhileItIsHeld) {
    const Echo echo;
    Wire wire("127.0.0.1", echo.port());
    wire.hold_after(1);
    const Client client(wire.port());
    client.send("x");
    EXPECT_TRUE(wire.held_within(30s));
    wire.cut();
    EXPECT_EQ(client.receive(), "");
}

TEST(TestWire, NobodyListensOnAClosedPort) {
    const Wire wire("127.0.0.1", closed_port());
    const Client client(wire.port());
    EXPECT_EQ(client.receive(), "");
}

}  // namespace
}  // namespace tinybird_cdk::conformance
