// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/shared_key.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "cloud/crypto.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

/// In the order in which they are signed. Content-Length has its place behind Content-Language; Date stays empty, for
/// x-ms-date is what counts when it is there.
constexpr std::array<std::string_view, 2> before_length{"content-encoding", "content-language"};
constexpr std::array<std::string_view, 8> behind_length{"content-md5",         "content-type", "date",
                                                        "if-modified-since",   "if-match",     "if-none-match",
                                                        "if-unmodified-since", "range"};

}  // namespace

std::string shared_key_text(std::string_view account, const SignedParts& parts) {
    std::map<std::string, std::string_view> headers;
    for (const auto& [name, value] : parts.headers) {
        headers[core::to_lower(name)] = core::trim(value);
    }
    std::string text = fmt::format("{}\n", parts.method);
    const auto add = [&](std::string_view name) {
        const auto found = headers.find(std::string(name));
        text += found == headers.end() ? std::string_view() : found->second;
        text += '\n';
    };
    std::for_each(before_length.begin(), before_length.end(), add);
    // "When the body is empty, so is the length", from version 2015-02-21 on.
    text += parts.content_length == 0 ? "\n" : fmt::format("{}\n", parts.content_length);
    std::for_each(behind_length.begin(), behind_length.end(), add);
    for (const auto& [name, value] : headers) {
        if (name.starts_with("x-ms-")) {
            text += fmt::format("{}:{}\n", name, value);
        }
    }
    text += fmt::format("/{}{}", account, parts.path);
    Pairs parameters = parts.parameters;
    for (auto& [name, value] : parameters) {
        name = core::to_lower(name);
    }
    std::sort(parameters.begin(), parameters.end());
    for (const auto& [name, value] : parameters) {
        text += fmt::format("\n{}:{}", name, value);
    }
    return text;
}

std::string shared_key_authorization(std::string_view account, std::string_view key, const SignedParts& parts) {
    return fmt::format("SharedKey {}:{}", account, base64(hmac_sha256(key, shared_key_text(account, parts))));
}

std::string encode_path(std::string_view name) {
    std::string path;
    for (const std::string_view segment : core::split(name, '/')) {
        path += core::url_encode(segment);
        path += '/';
    }
    path.pop_back();
    return path;
}

}  // namespace tinybird_cdk::cloud::azure
