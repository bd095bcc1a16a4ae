// SPDX-License-Identifier: Apache-2.0
#include "transfer/paced_sink.hpp"

#include <algorithm>
#include <utility>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::transfer {

namespace {

/// What a late wake-up or a slow moment of the source may be made up for.
constexpr std::chrono::milliseconds burst{100};

}  // namespace

PacedSink::PacedSink(BufferSink& next, std::uint64_t bytes_per_second, std::shared_ptr<Clock> clock,
                     std::stop_token stop)
    : next_(next),
      seconds_per_byte_(1.0 / static_cast<double>(bytes_per_second)),
      clock_(std::move(clock)),
      stop_(std::move(stop)),
      due_(clock_->now()) {}

Buffer PacedSink::exchange(Buffer full, std::size_t wanted) {
    const std::chrono::duration<double> share(static_cast<double>(full.size()) * seconds_per_byte_);
    due_ =
        std::max(due_, clock_->now() - burst) + std::chrono::duration_cast<std::chrono::steady_clock::duration>(share);
    // First on its way, then the wait: nobody is to wait for what is there.
    Buffer empty = next_.exchange(std::move(full), wanted);
    const auto left = std::chrono::floor<std::chrono::milliseconds>(due_ - clock_->now());
    if (left.count() > 0 && !clock_->sleep(left, stop_)) {
        throw errors::InterruptedError();
    }
    return empty;
}

}  // namespace tinybird_cdk::transfer
