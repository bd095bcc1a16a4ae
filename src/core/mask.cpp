// SPDX-License-Identifier: Apache-2.0
#include "core/mask.hpp"

#include <algorithm>
#include <memory>

#include <tinybird_cdk/logger.hpp>

#include "core/credentials.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::core {

namespace {

constexpr std::string_view stars = "***";
constexpr std::size_t shortest_secret = 4;

/// The forms in which a secret may stand in a URL: escapes in upper or lower case, a blank as + or %20.
std::vector<std::string> forms_of(std::string_view secret) {
    const std::string upper = url_encode(secret);
    std::string lower = upper;
    for (std::size_t i = 0; i + 2 < lower.size(); ++i) {
        if (lower[i] == '%') {
            lower.replace(i + 1, 2, to_lower(lower.substr(i + 1, 2)));
        }
    }
    std::vector<std::string> forms{std::string(secret), upper, lower};
    for (const std::string& encoded : {upper, lower}) {
        std::string form;
        for (std::size_t i = 0; i < encoded.size(); ++i) {
            const bool blank = encoded.compare(i, 3, "%20") == 0;
            form += blank ? '+' : encoded[i];
            i += blank ? 2U : 0U;
        }
        forms.push_back(std::move(form));
    }
    return forms;
}

/// Replaces the ranges; those that touch or overlap become one.
std::string without(std::string_view text, std::vector<TextRange> ranges) {
    std::sort(ranges.begin(), ranges.end(), [](const TextRange& a, const TextRange& b) { return a.begin < b.begin; });
    std::string result;
    std::size_t done = 0;
    for (std::size_t i = 0; i < ranges.size();) {
        const std::size_t begin = ranges[i].begin;
        std::size_t end = ranges[i].end;
        while (++i < ranges.size() && ranges[i].begin <= end) {
            end = std::max(end, ranges[i].end);
        }
        result += text.substr(done, begin - done);
        result += stars;
        done = end;
    }
    result += text.substr(done);
    return result;
}

}  // namespace

Masker& Masker::instance() {
    // Never destroyed, for destructors of static objects may still log.
    static Masker& masker = *std::make_unique<Masker>().release();
    return masker;
}

void Masker::remember(std::string_view secret) {
    // What a file gave may end in a line break that the places where it is shown don't have.
    secret = trim(secret);
    if (secret.size() < shortest_secret) {
        return;
    }
    std::vector<std::string> forms = forms_of(secret);
    const std::lock_guard lock(mutex_);
    for (std::string& form : forms) {
        if (std::find(secrets_.begin(), secrets_.end(), form) == secrets_.end()) {
            secrets_.push_back(std::move(form));
        }
    }
}

std::string Masker::mask(std::string_view text) const {
    std::vector<TextRange> ranges = find_credentials(text);
    {
        const std::lock_guard lock(mutex_);
        for (const std::string& secret : secrets_) {
            // Occurrences may overlap: each begins at most one byte behind the one before.
            for (std::size_t at = text.find(secret); at != std::string_view::npos; at = text.find(secret, at + 1)) {
                ranges.push_back({at, at + secret.size()});
            }
        }
    }
    return without(text, std::move(ranges));
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
