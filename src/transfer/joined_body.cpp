// SPDX-License-Identifier: Apache-2.0
#include "transfer/joined_body.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "transfer/byte_marks.hpp"

namespace tinybird_cdk::transfer {

namespace {

/// No header is longer, and rows need not be looked at whole.
constexpr std::size_t longest_header = std::size_t{1} << 20;
constexpr std::size_t step = std::size_t{16} << 10;

/// The beginning of a body: to the end of its first line, or further.
std::string beginning_of(Body& body) {
    std::string bytes;
    std::array<char, step> buffer{};
    while (bytes.size() < longest_header) {
        const std::size_t count = body.read(buffer);
        bytes.append(buffer.data(), count);
        if (count == 0 || bytes.find('\n', bytes.size() - count) != std::string::npos) {
            break;
        }
    }
    return bytes;
}

}  // namespace

void refuse_compressed(const std::string& uri) {
    throw errors::InvalidArgument(
        fmt::format("{} is compressed, so that it can't be seen whether it begins with a header line and ends in a "
                    "line end",
                    uri),
        "Load compressed objects one by one.");
}

JoinedBody::JoinedBody(cloud::Client& store, std::string bucket, std::vector<cloud::Object> objects, JoinRules rules,
                       std::stop_token stop)
    : store_(store),
      bucket_(std::move(bucket)),
      objects_(std::move(objects)),
      rules_(std::move(rules)),
      stop_(std::move(stop)) {}

std::size_t JoinedBody::read(std::span<char> into) {
    if (into.empty()) {
        return 0;
    }
    if (begun_ < rules_.begin.size()) {
        const std::size_t count = rules_.begin.copy(into.data(), into.size(), begun_);
        begun_ += count;
        return count;
    }
    while (body_ || open_next()) {
        std::size_t count = 0;
        if (given_ < pending_.size()) {
            count = std::min(into.size(), pending_.size() - given_);
            std::memcpy(into.data(), pending_.data() + given_, count);
            given_ += count;
        } else {
            count = body_->read(into);
        }
        if (count > 0) {
            line_is_open_ = into[count - 1] != '\n';
            return count;
        }
        body_.reset();
    }
    return 0;
}

bool JoinedBody::rewind() {
    begun_ = 0;
    next_ = 0;
    body_.reset();
    pending_.clear();
    given_ = 0;
    any_ = false;
    line_is_open_ = false;
    return true;
}

bool JoinedBody::open_next() {
    if (next_ == objects_.size()) {
        return false;
    }
    const std::string& key = objects_[next_++].key;
    body_ = store_.get(bucket_, key, stop_);
    pending_.clear();
    given_ = 0;
    if (rules_.lines) {
        pending_ = beginning_of(*body_);
        if (pending_.starts_with(gzip_magic)) {
            refuse_compressed(store_.uri(bucket_, key));
        }
        if (!pending_.empty()) {
            take_first_line(key);
        }
    }
    return true;
}

void JoinedBody::take_first_line(const std::string& key) {
    const bool first = !std::exchange(any_, true);
    if ((!first || begun_ > 0) && pending_.starts_with(utf8_mark)) {
        pending_.erase(0, utf8_mark.size());
    }
    const std::size_t end = std::min(pending_.find('\n'), pending_.size() - 1) + 1;
    const std::string_view line = text_of_line(std::string_view(pending_).substr(0, end));
    const bool is_header = rules_.header_lines || (rules_.header && rules_.header->matches(line));
    if (first) {
        first_line_ = line;
        first_is_header_ = is_header;
    } else if (is_header && line == first_line_) {
        pending_.erase(0, end);
    } else if (is_header) {
        throw errors::InvalidArgument(
            fmt::format("{} begins with a header line, and {} with {}", store_.uri(bucket_, key),
                        store_.uri(bucket_, objects_.front().key), first_is_header_ ? "another one" : "none"),
            "Objects that are joined have the same columns in the same order: load these one by one.");
    } else if (rules_.refuse_equal_first_lines && line == first_line_) {
        throw errors::InvalidArgument(
            fmt::format("{} begins with the same line as {}, and whether it is a header can't be told without the "
                        "columns of the data source",
                        store_.uri(bucket_, key), store_.uri(bucket_, objects_.front().key)),
            "Give the token the scope DATASOURCES:READ too, or load the objects one by one.");
    }
    if (pending_.empty()) {
        // Only its header was looked at yet.
        pending_ = beginning_of(*body_);
    }
    if (line_is_open_ && !pending_.empty()) {
        pending_.insert(0, "\n");
    }
}

}  // namespace tinybird_cdk::transfer
