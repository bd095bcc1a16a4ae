// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace tinybird_cdk::conformance {

/// Random test data, the same for the same seed on every machine. Not thread-safe.
class RandomText {
public:
    explicit RandomText(std::uint64_t seed) : seed_(seed), engine_(seed) {}
    /// A seed that nobody chose.
    static std::uint64_t any_seed();

    /// What to give to see the same data again.
    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
    /// Words of several scripts, with newlines, double quotes, commas and tabs between them. No single quote and no
    /// backslash, so that it can stand between single quotes in the SQL of any database. May be empty.
    /// @param words at most so many
    std::string text(std::size_t words = 12);
    /// A number from 0 up to, but not including, `bound`. @param bound not 0
    std::uint64_t below(std::uint64_t bound);
    /// Lower-case hexadecimal digits.
    std::string hex(std::size_t digits);

private:
    std::uint64_t seed_;
    std::mt19937_64 engine_;
};

}  // namespace tinybird_cdk::conformance
