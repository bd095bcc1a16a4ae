// SPDX-License-Identifier: Apache-2.0
#include "transfer/held_rows.hpp"

#include <algorithm>
#include <utility>

namespace tinybird_cdk::transfer {

HeldRows::HeldRows(Rows& rows, std::optional<Time> asked, std::shared_ptr<Clock> clock)
    : rows_(rows), clock_(std::move(clock)), open_since_(asked ? *asked : clock_->now()) {}

void HeldRows::write(RowWriter& writer, const std::stop_token& stop) {
    const Time begun = std::exchange(open_since_, std::nullopt).value_or(clock_->now());
    const auto ended = [&] {
        longest_ = std::max(longest_, std::chrono::ceil<std::chrono::milliseconds>(clock_->now() - begun));
    };
    try {
        rows_.write(writer, stop);
    } catch (...) {
        ended();
        throw;
    }
    ended();
}

}  // namespace tinybird_cdk::transfer
