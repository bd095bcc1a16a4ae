// SPDX-License-Identifier: Apache-2.0
#include "core/mask.hpp"

#include <algorithm>
#include <array>

#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::core {

namespace {

constexpr std::string_view stars = "***";
constexpr std::size_t shortest_secret = 4;

/// Parameters of URLs and connection strings whose values are credentials, in lower case.
constexpr std::array<std::string_view, 12> secret_keys{
    "token",     "password",        "passwd",           "pwd",         "secret",     "sig",
    "signature", "x-amz-signature", "x-goog-signature", "sslpassword", "access_key", "x-amz-security-token"};

bool is_key_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

void replace_all(std::string& text, std::string_view from) {
    std::size_t position = 0;
    while ((position = text.find(from, position)) != std::string::npos) {
        text.replace(position, from.size(), stars);
        position += stars.size();
    }
}

/// The password in scheme://user:password@host.
void mask_userinfo(std::string& text) {
    std::size_t position = 0;
    while ((position = text.find("://", position)) != std::string::npos) {
        const std::size_t begin = position + 3;
        const std::size_t end = std::min(text.find_first_of("/?# \t\r\n\"'<>", begin), text.size());
        const std::size_t at = text.substr(begin, end - begin).rfind('@');
        if (at != std::string::npos) {
            const std::size_t colon = text.find(':', begin);
            if (colon != std::string::npos && colon < begin + at) {
                text.replace(colon + 1, begin + at - colon - 1, stars);
            }
        }
        position = begin;
    }
}

/// The value behind `key=`, which may be quoted as connection strings do: key='it\'s'.
void mask_parameters(std::string& text) {
    std::size_t position = 0;
    while ((position = text.find('=', position)) != std::string::npos) {
        std::size_t key = position;
        while (key > 0 && is_key_character(text[key - 1])) {
            --key;
        }
        const std::string_view name = std::string_view(text).substr(key, position - key);
        ++position;
        if (std::none_of(secret_keys.begin(), secret_keys.end(),
                         [&](std::string_view known) { return equal_ignoring_case(known, name); })) {
            continue;
        }
        std::size_t end = position;
        if (end < text.size() && (text[end] == '\'' || text[end] == '"')) {
            const char quote = text[end++];
            while (end < text.size() && text[end] != quote) {
                end += text[end] == '\\' ? 2U : 1U;
            }
            end = std::min(end + 1, text.size());
        } else {
            end = std::min(text.find_first_of("& \t\r\n\"'<>;,)", position), text.size());
        }
        if (end > position) {
            text.replace(position, end - position, stars);
            position += stars.size();
        }
    }
}

void mask_bearer(std::string& text) {
    std::size_t position = 0;
    while ((position = text.find("Bearer ", position)) != std::string::npos) {
        position += 7;
        const std::size_t end = std::min(text.find_first_of(" \t\r\n\"',;", position), text.size());
        if (end > position) {
            text.replace(position, end - position, stars);
        }
    }
}

}  // namespace

Masker& Masker::instance() {
    static Masker masker;
    return masker;
}

void Masker::remember(std::string_view secret) {
    if (secret.size() < shortest_secret) {
        return;
    }
    const std::lock_guard lock(mutex_);
    for (std::string form : {std::string(secret), url_encode(secret)}) {
        if (std::find(secrets_.begin(), secrets_.end(), form) == secrets_.end()) {
            secrets_.push_back(std::move(form));
        }
    }
    std::stable_sort(secrets_.begin(), secrets_.end(),
                     [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Masker::mask(std::string_view text) const {
    std::string result(text);
    {
        const std::lock_guard lock(mutex_);
        for (const std::string& secret : secrets_) {
            replace_all(result, secret);
        }
    }
    mask_userinfo(result);
    mask_parameters(result);
    mask_bearer(result);
    return result;
}

}  // namespace tinybird_cdk::core

namespace tinybird_cdk::logger {

void remember_secret(std::string_view secret) {
    core::Masker::instance().remember(secret);
}

std::string mask(std::string_view text) {
    return core::Masker::instance().mask(text);
}

}  // namespace tinybird_cdk::logger
