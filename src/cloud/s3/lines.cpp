// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/parallel.hpp"
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

/// What is compared of a first line: neither its end nor the mark of UTF-8, of which the result has the first one's.
std::string_view text_of(std::string_view line) {
    constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
    if (line.starts_with(utf8_mark)) {
        line.remove_prefix(utf8_mark.size());
    }
    while (line.ends_with('\n') || line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

/// One object's part of Lines.
struct Look {
    std::string header;
    bool closed = true;
};

Look look_at(Caller& caller, const std::string& bucket, const Object& part, bool header_line,
             const std::stop_token& stop) {
    if (part.size == 0) {
        return {};
    }
    Look look;
    look.header = header_line ? first_line(caller, bucket, part, stop) : std::string();
    const char last = look.header.size() == part.size
                          ? look.header.back()
                          : read_range(caller, bucket, part, part.size - 1, 1, stop).front();
    look.closed = last == '\n';
    return look;
}

}  // namespace

Lines look_at_lines(Caller& caller, const std::string& bucket, const std::vector<Object>& parts, bool header_lines,
                    const std::stop_token& stop) {
    std::mutex mutex;
    const Object* reference = nullptr;
    std::string expected;
    std::vector<std::uint64_t> headers(parts.size());
    // Not vector<bool>: threads write side by side.
    std::vector<char> closed(parts.size());
    in_parallel(
        {.count = parts.size(), .threads = most_readers}, stop, [&](std::size_t i, const std::stop_token& ending) {
            Look look = look_at(caller, bucket, parts[i], header_lines, ending);
            headers[i] = look.header.size();
            closed[i] = look.closed ? 1 : 0;
            if (!header_lines || parts[i].size == 0) {
                return;
            }
            // One at hand is compared with, so that not all lines have to be kept.
            const std::lock_guard lock(mutex);
            if (reference == nullptr) {
                reference = &parts[i];
                expected = std::move(look.header);
            } else if (text_of(look.header) != text_of(expected)) {
                throw errors::InvalidArgument(fmt::format("{} and {} begin with different header lines",
                                                          uri_of(bucket, std::min(reference->key, parts[i].key)),
                                                          uri_of(bucket, std::max(reference->key, parts[i].key))),
                                              "Join only objects with the same columns in the same order.");
            }
        });
    return {.headers = std::move(headers), .closed = {closed.begin(), closed.end()}};
}

}  // namespace tinybird_cdk::cloud::s3
