// SPDX-License-Identifier: Apache-2.0
#include "encode/shown.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "core/utf8.hpp"

namespace tinybird_cdk::encode {

std::string shown(std::string_view value) {
    constexpr int longest = 60;
    std::string text;
    for (int characters = 0; !value.empty(); ++characters) {
        if (characters == longest) {
            return text + "…";
        }
        const std::size_t length = core::utf8_sequence_length(value);
        const auto first = static_cast<unsigned char>(value.front());
        if (length == 0 || first < 0x20U || first == 0x7FU) {
            text += first == '\n' ? "\\n" : fmt::format("\\x{:02x}", first);
        } else {
            text += value.substr(0, length);
        }
        value.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text;
}

}  // namespace tinybird_cdk::encode
