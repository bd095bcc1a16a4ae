// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <utility>

#include <tinybird_cdk/body.hpp>

namespace tinybird_cdk::transfer {

/// Another body, and a call just before its last byte is handed out: until then no request can have been whole.
class WatchedBody final : public Body {
public:
    /// @param inner must outlive this one @param on_whole may be called again when the body is read again
    WatchedBody(Body& inner, std::function<void()> on_whole) : inner_(inner), on_whole_(std::move(on_whole)) {}

    std::size_t read(std::span<char> into) override {
        const std::size_t count = inner_.read(into);
        taken_ += count;
        // Where the size is known, a request ends with its last byte: nobody asks for more.
        if (on_whole_ && (count == 0 || taken_ >= inner_.size().value_or(taken_ + 1))) {
            on_whole_();
        }
        return count;
    }
    bool rewind() override {
        taken_ = 0;
        return inner_.rewind();
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return inner_.size(); }

private:
    Body& inner_;
    const std::function<void()> on_whole_;
    std::uint64_t taken_ = 0;
};

}  // namespace tinybird_cdk::transfer
