// SPDX-License-Identifier: Apache-2.0
#include "http/host.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/text.hpp"
#include "http/curl_handles.hpp"

namespace tinybird_cdk::http {

namespace {

struct FreeAddresses {
    void operator()(addrinfo* addresses) const noexcept { freeaddrinfo(addresses); }
};

bool is_private_v4(std::uint32_t address) {
    struct Network {
        std::uint32_t address;
        std::uint32_t mask;
    };
    // This host, RFC 1918, carriers' translation (RFC 6598), this machine, this link.
    constexpr std::array<Network, 7> networks{{{0x00000000, 0xFF000000},
                                               {0x0A000000, 0xFF000000},
                                               {0xAC100000, 0xFFF00000},
                                               {0xC0A80000, 0xFFFF0000},
                                               {0x64400000, 0xFFC00000},
                                               {0x7F000000, 0xFF000000},
                                               {0xA9FE0000, 0xFFFF0000}}};
    for (const Network& network : networks) {
        if ((address & network.mask) == network.address) {
            return true;
        }
    }
    return false;
}

bool is_private_v6(const in6_addr& address) {
    if (IN6_IS_ADDR_V4MAPPED(&address) != 0) {
        std::uint32_t last = 0;
        for (std::size_t i = 12; i < 16; ++i) {
            last = last << 8U | address.s6_addr[i];
        }
        return is_private_v4(last);
    }
    constexpr unsigned unique_local = 0xFC;
    return IN6_IS_ADDR_LOOPBACK(&address) != 0 || IN6_IS_ADDR_UNSPECIFIED(&address) != 0 ||
           IN6_IS_ADDR_LINKLOCAL(&address) != 0 || (address.s6_addr[0] & 0xFEU) == unique_local;
}

bool is_private_address(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        return is_private_v4(ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr));
    }
    return address.sa_family == AF_INET6 && is_private_v6(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
}

}  // namespace

std::string host_of(const std::string& text) {
    const UrlHandle url(curl_url());
    if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
        return {};
    }
    char* host = nullptr;
    if (curl_url_get(url.get(), CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        return {};
    }
    const CurlText owner(host);
    std::string_view name(host);
    if (name.starts_with('[') && name.ends_with(']')) {
        name = name.substr(1, name.size() - 2);
    }
    return std::string(name);
}

bool is_private(const std::string& host) {
    const std::string name = core::to_lower(host);
    for (const std::string_view domain : {"localhost", "local", "internal", "lan", "home.arpa", "test", "invalid"}) {
        if (name == domain || name.ends_with("." + std::string(domain))) {
            return true;
        }
    }
    if (name.find_first_of(".:") == std::string::npos) {
        return true;
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) {
        return false;
    }
    const std::unique_ptr<addrinfo, FreeAddresses> owner(found);
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
        if (!is_private_address(*address->ai_addr)) {
            return false;
        }
    }
    return true;
}

}  // namespace tinybird_cdk::http
