// SPDX-License-Identifier: Apache-2.0
#include "core/ids.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

#include <sys/random.h>

namespace tinybird_cdk::core {

std::string random_hex(std::size_t digits) {
    std::vector<unsigned char> bytes((digits + 1) / 2);
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t count = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            throw std::system_error(errno, std::generic_category(), "getrandom");
        }
        filled += static_cast<std::size_t>(count);
    }
    constexpr std::string_view hex = "0123456789abcdef";
    std::string result;
    for (const unsigned char byte : bytes) {
        result += hex[byte >> 4U];
        result += hex[byte & 15U];
    }
    result.resize(digits);
    return result;
}

}  // namespace tinybird_cdk::core
