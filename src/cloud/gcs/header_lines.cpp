// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/header_lines.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/gcs/line_ends.hpp"
#include "cloud/gcs/objects.hpp"
#include "cloud/gcs/parallel.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

constexpr std::size_t longest_header = 1U << 20U;
constexpr std::size_t block_bytes = 64U * 1024;

void refuse_compressed(std::string_view begin, const std::string& uri) {
    if (const std::string_view compression = compression_of(begin); !compression.empty()) {
        throw errors::InvalidArgument(
            fmt::format("{} is compressed ({}): its header line can't be cut off inside the store", uri, compression),
            "Unload without compression or without header lines, or load the objects one by one.");
    }
}

/// The first line without its line break (LF or CR LF).
std::string first_line(Api& api, std::string_view bucket, const Object& part, const std::stop_token& stop) {
    const std::string uri = uri_of(bucket, part.key);
    const auto body = read_object(api, bucket, part.key, part.etag, stop);
    std::string line;
    std::array<char, 4096> block;
    while (const std::size_t count = body->read(block)) {
        const char* const end = std::find(block.data(), block.data() + count, '\n');
        line.append(block.data(), static_cast<std::size_t>(end - block.data()));
        if (end != block.data() + count) {
            break;
        }
        if (line.size() > longest_header) {
            throw errors::InvalidArgument(
                fmt::format("the first line of {} is longer than {} bytes: it is no header", uri, longest_header));
        }
    }
    refuse_compressed(line, uri);
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    return line;
}

class WithoutHeaders final : public Body {
public:
    WithoutHeaders(Api& api, std::string_view bucket, std::vector<Object> parts, bool line_ended, std::stop_token stop)
        : api_(api), bucket_(bucket), parts_(std::move(parts)), stop_(std::move(stop)), line_ended_(line_ended) {}

    std::size_t read(std::span<char> into) override {
        while (at_ < block_.size() || fill()) {
            // The line break is due only when something follows.
            if (!std::exchange(line_ended_, true)) {
                into.front() = '\n';
                return 1;
            }
            const std::size_t count = std::min(into.size(), block_.size() - at_);
            std::memcpy(into.data(), block_.data() + at_, count);
            at_ += count;
            if (at_ == block_.size()) {
                ends_with_break_ = block_.back() == '\n';
            }
            return count;
        }
        return 0;
    }
    bool rewind() override { return false; }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    /// Gets more bytes that are no header. @return false at the end of all
    bool fill() {
        block_.clear();
        at_ = 0;
        while (block_.empty()) {
            if (!current_) {
                if (next_ == parts_.size()) {
                    return false;
                }
                const Object& part = parts_[next_++];
                current_ = read_object(api_, bucket_, part.key, part.etag, stop_);
                in_header_ = true;
                line_ended_ = line_ended_ && ends_with_break_;
                ends_with_break_ = true;
            }
            block_.resize(block_bytes);
            block_.resize(current_->read(block_));
            if (block_.empty()) {
                current_.reset();
            } else if (in_header_) {
                cut();
            }
        }
        return true;
    }

    void cut() {
        const std::size_t end = block_.find('\n');
        in_header_ = end == std::string::npos;
        block_.erase(0, in_header_ ? block_.size() : end + 1);
    }

    Api& api_;
    const std::string bucket_;
    const std::vector<Object> parts_;
    const std::stop_token stop_;
    std::size_t next_ = 0;
    std::unique_ptr<Body> current_;
    bool in_header_ = false;
    bool line_ended_;              ///< what was given out ends with a line break
    bool ends_with_break_ = true;  ///< likewise the current object
    std::string block_;
    std::size_t at_ = 0;
};

}  // namespace

std::string common_header(Api& api, std::string_view bucket, const std::vector<Object>& parts,
                          const std::stop_token& stop) {
    std::vector<std::string> headers(parts.size());
    in_parallel({.count = parts.size(), .threads = most_threads}, stop,
                [&](std::size_t i, const std::stop_token& reading) {
                    headers[i] = parts[i].size == 0 ? "" : first_line(api, bucket, parts[i], reading);
                });
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].size == 0) {
            continue;
        }
        if (first && headers[i] != headers[*first]) {
            throw errors::InvalidArgument(fmt::format("the header lines of {} and {} differ",
                                                      uri_of(bucket, parts[*first].key), uri_of(bucket, parts[i].key)),
                                          "Join only objects of the same columns in the same order.");
        }
        first = first.value_or(i);
    }
    return first ? headers[*first] : "";
}

std::unique_ptr<Body> without_headers(Api& api, std::string_view bucket, const Object& before,
                                      std::vector<Object> parts, const std::stop_token& stop) {
    const bool line_ended = ends_line(api, bucket, before, stop);
    return std::make_unique<WithoutHeaders>(api, bucket, std::move(parts), line_ended, stop);
}

}  // namespace tinybird_cdk::cloud::gcs
