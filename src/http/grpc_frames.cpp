// SPDX-License-Identifier: Apache-2.0
#include "http/grpc_frames.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::http {

namespace {

constexpr std::size_t prefix_bytes = 5;

std::size_t length_in(const std::array<unsigned char, prefix_bytes>& prefix) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < prefix_bytes; ++i) {
        length = length << 8U | prefix.at(i);
    }
    return length;
}

}  // namespace

std::string grpc_frame(std::string_view message) {
    if (message.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw errors::Error("a message of gRPC has 4 GB at most");
    }
    std::string frame(1, '\0');
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        frame += static_cast<char>(message.size() >> (shift - 8) & 0xFFU);
    }
    return frame.append(message);
}

bool GrpcFrames::fill(const More& more) {
    if (rest_.empty()) {
        rest_ = more();
    }
    return !rest_.empty();
}

std::optional<std::string> GrpcFrames::next(const More& more, const Admit& admit) {
    std::array<unsigned char, prefix_bytes> prefix{};
    for (std::size_t i = 0; i < prefix_bytes; ++i) {
        if (!fill(more)) {
            truncated_ = i > 0;
            return std::nullopt;
        }
        prefix.at(i) = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
    }
    if (prefix[0] != 0) {
        throw errors::Error(prefix[0] == 1 ? "a message is compressed, and it was not asked to be"
                                           : fmt::format("a message begins with {}, which means nothing", prefix[0]));
    }
    const std::size_t length = length_in(prefix);
    if (length > largest_) {
        throw errors::Error(fmt::format("a message has {} bytes, and {} are taken at most", length, largest_));
    }
    if (admit) {
        admit(length);
    }
    std::string message;
    message.reserve(length);
    while (message.size() < length) {
        if (!fill(more)) {
            truncated_ = true;
            return std::nullopt;
        }
        const std::size_t count = std::min(length - message.size(), rest_.size());
        message.append(rest_.substr(0, count));
        rest_.remove_prefix(count);
    }
    return message;
}

}  // namespace tinybird_cdk::http
