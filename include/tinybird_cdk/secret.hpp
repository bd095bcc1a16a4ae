// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

namespace tinybird_cdk {

/// A value that must never be shown. It has no output operator and no formatter on purpose: the one way to its text
/// is `reveal()`, which a reader of the code can search for. Copyable; not cleared from memory on destruction.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    [[nodiscard]] const std::string& reveal() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

private:
    std::string text_;
};

}  // namespace tinybird_cdk
