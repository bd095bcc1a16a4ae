// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace tinybird_cdk {

/// The bytes of an upload, produced while they are sent. Whether a request may be tried again is a property of its
/// body, so the body says it.
class Body {
public:
    Body() = default;
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;
    virtual ~Body() = default;

    /// Fills `into` from its begin. @return the number of bytes, 0 at the end. May block. What it throws ends the
    /// request: the connection is closed in the middle of the body, so that no server takes it for complete, and the
    /// caller of the client gets that exception.
    virtual std::size_t read(std::span<char> into) = 0;
    /// Begins anew at the first byte. @return false when the bytes can't be had again.
    virtual bool rewind() = 0;
    /// The number of bytes where it is known before sending; unknown: the request is chunked.
    [[nodiscard]] virtual std::optional<std::uint64_t> size() const = 0;
};

/// Bytes in memory that belong to somebody else and must outlive the body.
std::unique_ptr<Body> body_of(std::string_view bytes);
/// A file. @throws errors::InvalidArgument when it can't be opened
std::unique_ptr<Body> body_of_file(const std::filesystem::path& path);

}  // namespace tinybird_cdk
