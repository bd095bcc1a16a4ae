// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/retry.hpp>

namespace tinybird_cdk::transfer {

/// Rows that remember for how long their query was open at the source.
class HeldRows final : public Rows {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// @param rows must outlive this. @param asked when the source was asked for the query; nothing: now
    HeldRows(Rows& rows, std::optional<Time> asked, std::shared_ptr<Clock> clock = Clock::system());

    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return rows_.columns(); }
    [[nodiscard]] std::optional<std::uint64_t> estimated_rows() const override { return rows_.estimated_rows(); }
    /// The first pass goes on with the query that is open; each further one opens a query of its own.
    void write(RowWriter& writer, const std::stop_token& stop) override;

    /// The longest pass that has ended. Not to be called while one is under way.
    [[nodiscard]] std::chrono::milliseconds longest() const noexcept { return longest_; }

private:
    Rows& rows_;
    const std::shared_ptr<Clock> clock_;
    std::optional<Time> open_since_;
    std::chrono::milliseconds longest_{0};
};

}  // namespace tinybird_cdk::transfer
