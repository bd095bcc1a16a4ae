// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>

#include <tinybird_cdk/buffer.hpp>
#include <tinybird_cdk/retry.hpp>

namespace tinybird_cdk::transfer {

/// Hands blocks on, and keeps the one who fills them back so that no more than a rate comes out of him: that is how
/// the rate reaches the source. What was not used up in a moment of rest is lost, but for a tenth of a second.
class PacedSink final : public BufferSink {
public:
    /// @param next must outlive this. @param bytes_per_second above zero
    PacedSink(BufferSink& next, std::uint64_t bytes_per_second, std::shared_ptr<Clock> clock, std::stop_token stop);

    /// @throws errors::InterruptedError when the token asks to stop, and what the next sink throws
    Buffer exchange(Buffer full, std::size_t wanted) override;

private:
    BufferSink& next_;
    const double seconds_per_byte_;
    const std::shared_ptr<Clock> clock_;
    const std::stop_token stop_;
    std::chrono::steady_clock::time_point due_;  ///< when all that went by may have gone by
};

}  // namespace tinybird_cdk::transfer
