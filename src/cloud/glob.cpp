// SPDX-License-Identifier: Apache-2.0
#include "cloud/glob.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/utf8.hpp"

namespace tinybird_cdk::cloud {

namespace {

[[noreturn]] void refuse(std::string_view pattern, std::string_view why) {
    throw errors::InvalidArgument(fmt::format("the pattern \"{}\" {}", pattern, why),
                                  "* and ** and ? and [a-z] have a meaning; a backslash before one takes it away.");
}

/// The character that begins at a byte.
std::string_view character_at(std::string_view text, std::size_t at) {
    return text.substr(at, std::max<std::size_t>(core::utf8_sequence_length(text.substr(at)), 1));
}

}  // namespace

bool Glob::Part::fits(std::string_view character) const {
    // The order of UTF-8's bytes is that of the characters (RFC 3629 §1).
    const bool listed = std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
        return range.first <= character && character <= range.second;
    });
    switch (kind) {
        case Kind::literal:
        case Kind::set:
            return listed;
        case Kind::not_set:
            return !listed && character != "/";
        case Kind::one:
        case Kind::within_segment:
            return character != "/";
        case Kind::anything:
            break;
    }
    return true;
}

Glob::Part Glob::read_set(std::string_view pattern, std::size_t& at) {
    Part part{.kind = Part::Kind::set};
    std::size_t i = at + 1;
    if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) {
        part.kind = Part::Kind::not_set;
        ++i;
    }
    const auto next = [&] {
        if (i < pattern.size() && pattern[i] == '\\') {
            ++i;
        }
        if (i >= pattern.size()) {
            refuse(pattern, "has a [ that no ] closes");
        }
        const std::string_view character = character_at(pattern, i);
        i += character.size();
        return std::string(character);
    };
    // A ] in the first place is one of the characters (POSIX, XCU 2.13.1).
    do {
        std::string first = next();
        std::string last = first;
        if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
            ++i;
            last = next();
        }
        if (last < first) {
            refuse(pattern, fmt::format("has a range that goes down: {}-{}", first, last));
        }
        part.ranges.emplace_back(std::move(first), std::move(last));
    } while (i >= pattern.size() || pattern[i] != ']');
    at = i + 1;
    return part;
}

Glob::Glob(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size();) {
        Part part;
        if (pattern[i] == '*') {
            const bool two = pattern.substr(i).starts_with("**");
            part.kind = two ? Part::Kind::anything : Part::Kind::within_segment;
            i += two ? 2U : 1U;
        } else if (pattern[i] == '?') {
            part.kind = Part::Kind::one;
            ++i;
        } else if (pattern[i] == '[') {
            part = read_set(pattern, i);
        } else {
            i += pattern[i] == '\\' ? 1U : 0U;
            if (i >= pattern.size()) {
                refuse(pattern, "ends in a backslash");
            }
            const std::string character(character_at(pattern, i));
            i += character.size();
            part.ranges.emplace_back(character, character);
            prefix_ += has_wildcards_ ? "" : character;
        }
        has_wildcards_ = has_wildcards_ || part.kind != Part::Kind::literal;
        parts_.push_back(std::move(part));
    }
}

bool Glob::matches(std::string_view key) const {
    // Which parts of the pattern may come next, after each character of the key.
    std::vector<bool> next(parts_.size() + 1, false);
    const auto reach = [&](std::vector<bool>& places, std::size_t place) {
        places[place] = true;
        for (; place < parts_.size() && parts_[place].may_repeat(); ++place) {
            places[place + 1] = true;
        }
    };
    reach(next, 0);
    for (std::size_t i = 0; i < key.size();) {
        const std::string_view character = character_at(key, i);
        i += character.size();
        std::vector<bool> after(parts_.size() + 1, false);
        for (std::size_t place = 0; place < parts_.size(); ++place) {
            if (next[place] && parts_[place].fits(character)) {
                reach(after, parts_[place].may_repeat() ? place : place + 1);
            }
        }
        next.swap(after);
    }
    return next[parts_.size()];
}

}  // namespace tinybird_cdk::cloud
