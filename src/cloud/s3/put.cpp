// SPDX-License-Identifier: Apache-2.0
#include "cloud/s3/put.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/s3/multipart.hpp"

namespace tinybird_cdk::cloud::s3 {

namespace {

/// Bytes in memory that grow with what is read, so that a small body needs little.
class Part {
public:
    explicit Part(Body& body) : body_(body) {}

    /// Reads so many bytes, or to the end. @return whether the body has ended
    bool fill(std::uint64_t wanted, const std::stop_token& stop) {
        std::size_t filled = 0;
        while (filled < wanted) {
            if (stop.stop_requested()) {
                throw errors::InterruptedError();
            }
            if (filled == bytes_.size()) {
                bytes_.resize(std::min<std::uint64_t>(wanted, std::max<std::uint64_t>(bytes_.size() * 2, 1U << 20U)));
            }
            const std::size_t room = std::min<std::uint64_t>(bytes_.size(), wanted) - filled;
            const std::size_t count = body_.read({bytes_.data() + filled, room});
            if (count == 0) {
                break;
            }
            filled += count;
        }
        size_ = filled;
        return filled < wanted;
    }

    [[nodiscard]] std::string_view view() const { return std::string_view(bytes_).substr(0, size_); }

private:
    Body& body_;
    std::string bytes_;
    std::size_t size_ = 0;
};

}  // namespace

std::uint64_t part_bytes(const Options& options, std::size_t part, std::optional<std::uint64_t> total) {
    if (total) {
        return std::max(options.part_size, *total / options.most_parts + 1);
    }
    // Ten steps, each twice as large: 16 MB in the first thousand parts, and 16 TB in all ten thousand.
    const std::size_t step = part / std::max<std::size_t>(options.most_parts / 10, 1);
    return options.part_size << std::min<std::size_t>(step, 9);
}

void put(Caller& caller, const std::string& bucket, const std::string& key, Body& body, const Options& options,
         const std::stop_token& stop) {
    const std::optional<std::uint64_t> total = body.size();
    Part part(body);
    bool ended = part.fill(part_bytes(options, 0, total), stop);
    if (ended) {
        caller.done({.method = "PUT",
                     .bucket = bucket,
                     .key = key,
                     .headers = {{"Content-Type", "application/octet-stream"}},
                     .body = part.view()},
                    stop);
        return;
    }
    with_multipart(caller, bucket, key, stop, [&](Multipart& upload) {
        upload.add(part.view());
        while (!ended) {
            ended = part.fill(part_bytes(options, upload.parts(), total), stop);
            if (part.view().empty()) {
                break;
            }
            if (upload.parts() == options.most_parts) {
                throw errors::InvalidArgument(
                    fmt::format("{} is too large for an object: it does not fit into {} parts", uri_of(bucket, key),
                                options.most_parts));
            }
            upload.add(part.view());
        }
    });
}

}  // namespace tinybird_cdk::cloud::s3
