// SPDX-License-Identifier: Apache-2.0
#include "transfer/response_sum.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace tinybird_cdk::transfer {

namespace {

void add(std::optional<std::uint64_t>& sum, const std::optional<std::uint64_t>& count) {
    if (count) {
        sum = sum.value_or(0) + *count;
    }
}

}  // namespace

void add(tinybird::Response last, tinybird::Response& all) {
    add(last.rows, all.rows);
    add(last.quarantined, all.quarantined);
    add(last.invalid_lines, all.invalid_lines);
    last.errors.insert(last.errors.begin(), all.errors.begin(), all.errors.end());
    all = std::move(last);
}

}  // namespace tinybird_cdk::transfer
