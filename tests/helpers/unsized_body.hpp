// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include <tinybird_cdk/body.hpp>

namespace tinybird_cdk::testing {

/// Bytes whose number is not told beforehand, as those of an export.
class UnsizedBody final : public Body {
public:
    explicit UnsizedBody(std::string bytes) : bytes_(std::move(bytes)) {}

    std::size_t read(std::span<char> into) override {
        const std::size_t count = bytes_.copy(into.data(), std::min(into.size(), bytes_.size() - position_), position_);
        position_ += count;
        return count;
    }
    bool rewind() override {
        position_ = 0;
        return true;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }

private:
    const std::string bytes_;
    std::size_t position_ = 0;
};

}  // namespace tinybird_cdk::testing
