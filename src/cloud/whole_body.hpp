// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <tinybird_cdk/body.hpp>

namespace tinybird_cdk::cloud {

/// A body of which not a part is taken for the whole: one that ends elsewhere than where it said, as a file that is cut
/// off while it is read, is an error.
class WholeBody final : public Body {
public:
    /// @param body must outlive this. @param target names in errors what is written
    WholeBody(Body& body, std::string target);

    std::size_t read(std::span<char> into) override;
    bool rewind() override;
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }

private:
    Body& body_;
    const std::string target_;
    const std::optional<std::uint64_t> size_;
    std::uint64_t read_ = 0;
};

}  // namespace tinybird_cdk::cloud
