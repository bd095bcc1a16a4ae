// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <tinybird_cdk/body.hpp>

#include "core/spool.hpp"

namespace tinybird_cdk::http {

/// All bytes of another body, in an unlinked temporary file: its size is known, and it can be sent again.
class SpooledBody final : public Body {
public:
    /// Reads the other body to its end. @param prefix goes before its bytes
    /// @throws what that one throws, and errors::Error when the disk is full
    explicit SpooledBody(Body& other, std::string_view prefix = {}) {
        spool_.write(prefix);
        std::array<char, 64 * 1024> block;
        while (const std::size_t count = other.read(block)) {
            spool_.write({block.data(), count});
        }
    }

    std::size_t read(std::span<char> into) override { return spool_.read(into); }
    bool rewind() override {
        spool_.rewind();
        return true;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return spool_.size(); }

private:
    core::Spool spool_;
};

}  // namespace tinybird_cdk::http
