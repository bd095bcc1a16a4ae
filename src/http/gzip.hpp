// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/body.hpp>

namespace tinybird_cdk::http {

/// Bytes in the gzip format (RFC 1952), with the fastest setting that still compresses: what is uploaded is read once.
std::string gzip(std::string_view bytes);

/// How many bytes the beginning of a gzip file makes when it is decompressed, as far as it goes; 0 for what is none.
std::uint64_t expanded_size(std::string_view bytes);

/// Another body, compressed while it is sent. Its size is not known beforehand.
class GzipBody final : public Body {
public:
    /// @param inner must outlive this one
    explicit GzipBody(Body& inner);
    ~GzipBody() override;

    std::size_t read(std::span<char> into) override;
    bool rewind() override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    class Stream;

    Body& inner_;
    std::unique_ptr<Stream> stream_;
    std::vector<char> input_;
    bool inner_ended_ = false;
    bool ended_ = false;
};

}  // namespace tinybird_cdk::http
