// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include <tinybird_cdk/body.hpp>

#include "transfer/buffer_queue.hpp"

namespace tinybird_cdk::transfer {

/// Another body that a thread of its own reads, a little ahead of the upload: what is fetched and what is sent wait for
/// each other no longer than they must. Bounded in bytes.
class ReadAhead final : public Body {
public:
    /// @param inner must outlive this one, and is read by nobody else meanwhile
    /// @param stop ends a read of `inner` that waits: asked when this body goes away before its end
    explicit ReadAhead(Body& inner, std::stop_source stop = std::stop_source(std::nostopstate));
    ~ReadAhead() override;

    std::size_t read(std::span<char> into) override;
    bool rewind() override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return inner_.size(); }
    /// Bytes that were read since the begin.
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

private:
    struct Run;
    void start();
    void end() noexcept;

    Body& inner_;
    std::stop_source stop_;
    std::unique_ptr<Run> run_;
    std::optional<Buffer> block_;
    std::size_t taken_ = 0;  ///< of the block
    std::uint64_t position_ = 0;
    bool ended_ = false;
};

}  // namespace tinybird_cdk::transfer
