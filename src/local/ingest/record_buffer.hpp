// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "local/answers.hpp"

namespace tinybird_cdk::local::ingest {

/// Input that comes in pieces, kept until whole records can be cut from it.
class RecordBuffer {
public:
    /// @return whether there is enough to look for records
    bool append(std::string_view data) {
        bytes_ += data;
        return bytes_.size() >= wanted_;
    }
    [[nodiscard]] char* begin() noexcept { return bytes_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
    [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
    /// What is kept begins with a record that is not complete; a long one is not looked at again for each piece.
    /// @throws Refusal 400 when a record is longer than any should be
    void drop(std::size_t count) {
        bytes_.erase(0, count);
        if (bytes_.size() > longest_record) {
            throw Refusal(400, "a record is longer than 64 MB: is a quote not closed?");
        }
        wanted_ = std::max(step, 2 * bytes_.size());
    }

private:
    static constexpr std::size_t step = 256U << 10U;
    static constexpr std::size_t longest_record = 64U << 20U;

    std::string bytes_;
    std::size_t wanted_ = step;
};

}  // namespace tinybird_cdk::local::ingest
