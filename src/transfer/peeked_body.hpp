// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tinybird_cdk/body.hpp>

namespace tinybird_cdk::transfer {

/// Another body whose first bytes were looked at. One thread at a time.
class PeekedBody final : public Body {
public:
    /// Reads up to so many bytes. @param inner must outlive this one, and is read by nobody else
    PeekedBody(Body& inner, std::size_t count) : inner_(inner), begin_(count, '\0') {
        std::size_t filled = 0;
        while (const std::size_t more = inner_.read({begin_.data() + filled, count - filled})) {
            filled += more;
            if (filled == count) {
                break;
            }
        }
        begin_.resize(filled);
    }

    /// Shorter than was asked for when the body is.
    [[nodiscard]] std::string_view begin() const noexcept { return begin_; }

    std::size_t read(std::span<char> into) override {
        if (taken_ == begin_.size()) {
            return inner_.read(into);
        }
        const std::size_t count = std::min(into.size(), begin_.size() - taken_);
        std::memcpy(into.data(), begin_.data() + taken_, count);
        taken_ += count;
        return count;
    }
    bool rewind() override {
        taken_ = begin_.size();  // the inner body gives them itself from now on
        return inner_.rewind();
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return inner_.size(); }

private:
    Body& inner_;
    std::string begin_;
    std::size_t taken_ = 0;
};

}  // namespace tinybird_cdk::transfer
