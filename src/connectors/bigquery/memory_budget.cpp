// SPDX-License-Identifier: Apache-2.0
#include "memory_budget.hpp"

#include <utility>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::bigquery {

MemoryBudget::Share::Share(Share&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

MemoryBudget::Share& MemoryBudget::Share::operator=(Share&& other) noexcept {
    if (this != &other) {
        give_back();
        budget_ = std::exchange(other.budget_, nullptr);
        bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
}

void MemoryBudget::Share::give_back() noexcept {
    if (MemoryBudget* const budget = std::exchange(budget_, nullptr)) {
        budget->give_back(bytes_);
    }
}

MemoryBudget::Share MemoryBudget::take(std::size_t bytes, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const std::uint64_t number = next_number_++;
    const bool served = changed_.wait(lock, stop, [&] {
        return number == now_served_ && (taken_ == 0 || (bytes <= bytes_ && taken_ <= bytes_ - bytes));
    });
    if (!served) {
        // Whoever stops one stops all of them: nobody waits for this number.
        throw errors::InterruptedError();
    }
    ++now_served_;
    taken_ += bytes;
    changed_.notify_all();
    return {*this, bytes};
}

void ReservedMemory::reserve(std::size_t bytes, const std::stop_token& stop) {
    if (bytes <= bytes_) {
        return;
    }
    // Back first, for the larger share may need all of the budget.
    static_cast<void>(hand_over());
    share_ = budget_.take(bytes, stop);
    bytes_ = bytes;
}

MemoryBudget::Share ReservedMemory::hand_over() noexcept {
    bytes_ = 0;
    return std::move(share_);
}

void MemoryBudget::give_back(std::size_t bytes) noexcept {
    {
        const std::lock_guard lock(mutex_);
        taken_ -= bytes;
    }
    changed_.notify_all();
}

}  // namespace tinybird_cdk::bigquery
