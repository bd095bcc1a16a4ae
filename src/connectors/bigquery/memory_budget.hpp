// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace tinybird_cdk::bigquery {

/// Bytes that several threads may have in memory together. Who comes first gets his share first, so that a large one is
/// not overtaken for ever; one beyond the budget gets it when all others are back. Thread-safe.
class MemoryBudget {
public:
    explicit MemoryBudget(std::size_t bytes) : bytes_(bytes) {}

    /// Some of it, given back with the object. Must not outlive the budget. Movable only.
    class Share {
    public:
        Share() noexcept = default;
        Share(Share&& other) noexcept;
        Share& operator=(Share&& other) noexcept;
        ~Share() { give_back(); }

    private:
        friend class MemoryBudget;
        Share(MemoryBudget& budget, std::size_t bytes) noexcept : budget_(&budget), bytes_(bytes) {}
        void give_back() noexcept;

        MemoryBudget* budget_ = nullptr;
        std::size_t bytes_ = 0;
    };

    /// Waits until there is enough. @throws errors::InterruptedError when the token asks
    Share take(std::size_t bytes, const std::stop_token& stop);

private:
    void give_back(std::size_t bytes) noexcept;

    const std::size_t bytes_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::size_t taken_ = 0;
    std::uint64_t next_number_ = 0;  ///< of those who wait, in their order
    std::uint64_t now_served_ = 0;
};

/// Memory for the next message of a stream, which is kept when the stream breaks under it: what was waited for once
/// need not be waited for again, on a connection that is idle meanwhile and may break of that. For one thread.
class ReservedMemory {
public:
    /// Must not outlive the budget.
    explicit ReservedMemory(MemoryBudget& budget) : budget_(budget) {}

    /// Waits unless there is that much already. @throws as MemoryBudget::take()
    void reserve(std::size_t bytes, const std::stop_token& stop);
    /// For the message that has come; nothing is kept.
    MemoryBudget::Share hand_over() noexcept;

private:
    MemoryBudget& budget_;
    MemoryBudget::Share share_;
    std::size_t bytes_ = 0;
};

}  // namespace tinybird_cdk::bigquery
