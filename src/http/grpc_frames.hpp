// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tinybird_cdk::http {

/// A message with the five bytes before it that gRPC wants: not compressed, and how long it is. @throws errors::Error
/// for one beyond 4 GB
std::string grpc_frame(std::string_view message);

/// Messages out of bytes that come in pieces.
class GrpcFrames {
public:
    /// @param largest bytes of a message @throws errors::Error beyond it, from next()
    explicit GrpcFrames(std::size_t largest) : largest_(largest) {}

    /// Asked for the next bytes; empty at their end. They must stay until it is asked again.
    using More = std::function<std::string_view()>;
    /// Asked when a message's length is known, and before there is memory for it.
    using Admit = std::function<void(std::size_t)>;
    /// The next message; nothing when the bytes end. @throws errors::Error for bytes that are no frames
    std::optional<std::string> next(const More& more, const Admit& admit);
    /// Whether the bytes ended in the middle of a message.
    [[nodiscard]] bool truncated() const noexcept { return truncated_; }

private:
    bool fill(const More& more);

    const std::size_t largest_;
    std::string_view rest_;
    bool truncated_ = false;
};

}  // namespace tinybird_cdk::http
