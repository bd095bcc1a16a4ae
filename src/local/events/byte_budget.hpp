// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace tinybird_cdk::local {

/// How many bytes may be held in memory at once. Thread-safe.
class ByteBudget {
public:
    explicit ByteBudget(std::size_t size) : size_(size) {}

    /// Bytes that are held. They are free again when it goes.
    class Share {
    public:
        Share() = default;
        explicit Share(ByteBudget& budget) : budget_(&budget) {}
        Share(Share&& other) noexcept
            : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
        Share& operator=(Share&& other) noexcept {
            std::swap(budget_, other.budget_);
            std::swap(bytes_, other.bytes_);
            return *this;
        }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        ~Share() {
            if (budget_ != nullptr) {
                budget_->held_ -= bytes_;
            }
        }
        /// Takes more. @return false when there is no more to be had; nothing is taken then
        bool grow(std::size_t bytes) {
            std::size_t held = budget_->held_;
            do {
                if (bytes > budget_->size_ - held) {
                    return false;
                }
            } while (!budget_->held_.compare_exchange_weak(held, held + bytes));
            bytes_ += bytes;
            return true;
        }

    private:
        ByteBudget* budget_ = nullptr;
        std::size_t bytes_ = 0;
    };

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t held() const noexcept { return held_; }

private:
    const std::size_t size_;
    std::atomic<std::size_t> held_ = 0;
};

}  // namespace tinybird_cdk::local
