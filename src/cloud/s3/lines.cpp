// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/s3/join.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

constexpr std::uint64_t first_look = 8U << 10U;
/// Longer first lines are no headers; such an object has no lines at all.
constexpr std::uint64_t longest_header = 16U << 20U;

/// An object's first line with its end, if it has one.
std::string first_line(Caller& caller, const std::string& bucket, const Object& object, const std::stop_token& stop) {
    std::string text;
    std::uint64_t look = first_look;
    while (text.size() < object.size) {
        const std::uint64_t count = std::min(look, object.size - text.size());
        const std::size_t before = text.size();
        text += read_range(caller, bucket, object, before, count, stop);
        if (const std::size_t end = text.find('\n', before); end != std::string::npos) {
            text.resize(end + 1);
            return text;
        }
        if (text.size() > longest_header) {
            throw errors::InvalidArgument(
                fmt::format("the first line of {} is longer than {} MB: is it text with lines?",
                            uri_of(bucket, object.key), longest_header >> 20U));
        }
        look *= 4;
    }
    return text;
}

std::string_view without_end(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

}  // namespace

Lines look_at_lines(Caller& caller, const std::string& bucket, const std::vector<Object>& parts, bool header_lines,
                    const std::stop_token& stop) {
    Lines lines;
    const Object* reference = nullptr;
    std::string expected;
    for (const Object& part : parts) {
        lines.headers.push_back(0);
        lines.closed.push_back(true);
        if (part.size == 0) {
            continue;
        }
        std::string line = header_lines ? first_line(caller, bucket, part, stop) : std::string();
        lines.headers.back() = line.size();
        const char last =
            line.size() == part.size ? line.back() : read_range(caller, bucket, part, part.size - 1, 1, stop).front();
        lines.closed.back() = last == '\n';
        if (!header_lines) {
            continue;
        }
        if (reference == nullptr) {
            reference = &part;
            expected = std::move(line);
        } else if (without_end(line) != without_end(expected)) {
            throw errors::InvalidArgument(fmt::format("{} and {} begin with different header lines",
                                                      uri_of(bucket, reference->key), uri_of(bucket, part.key)),
                                          "Join only objects with the same columns in the same order.");
        }
    }
    return lines;
}

}  // namespace tinybird_cdk::cloud::s3
