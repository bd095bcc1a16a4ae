// SPDX-License-Identifier: Apache-2.0
#include "conformance/placeholders.hpp"

namespace tinybird_cdk::conformance {

std::string filled(std::string_view text, std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
    std::string result;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        result += text.substr(0, open);
        if (open == std::string_view::npos) {
            break;
        }
        text.remove_prefix(open);
        std::string_view used;
        for (const auto& [name, value] : values) {
            if (text.substr(1).starts_with(name) && text.substr(1 + name.size()).starts_with('}')) {
                result += value;
                used = text.substr(0, name.size() + 2);
                break;
            }
        }
        if (used.empty()) {
            result += '{';
            text.remove_prefix(1);
        } else {
            text.remove_prefix(used.size());
        }
    }
    return result;
}

}  // namespace tinybird_cdk::conformance
