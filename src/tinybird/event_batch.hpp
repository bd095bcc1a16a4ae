// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tinybird_cdk::tinybird {

/// Events one after the other, each with a line break behind it: any run of them is a request's body as it stands.
class EventBatch {
public:
    /// @param json without line breaks between its tokens, or with: they become blanks. Inside its strings there are
    /// none, for JSON wants them escaped there (RFC 8259 §7)
    void add(std::string_view json) {
        const std::size_t begin = text_.size();
        text_.append(json);
        std::replace_if(
            text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.end(),
            [](char c) { return c == '\n' || c == '\r'; }, ' ');
        text_ += '\n';
        ends_.push_back(text_.size());
    }

    [[nodiscard]] std::size_t events() const noexcept { return ends_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return text_.size(); }
    [[nodiscard]] bool empty() const noexcept { return ends_.empty(); }
    /// The events from `first` to before `last`, with their line breaks.
    [[nodiscard]] std::string_view slice(std::size_t first, std::size_t last) const {
        const std::size_t begin = first == 0 ? 0 : ends_[first - 1];
        return std::string_view(text_).substr(begin, last == 0 ? 0 : ends_[last - 1] - begin);
    }
    /// One event, without its line break.
    [[nodiscard]] std::string_view event(std::size_t index) const {
        const std::string_view line = slice(index, index + 1);
        return line.substr(0, line.size() - 1);
    }

private:
    std::string text_;
    std::vector<std::size_t> ends_;
};

}  // namespace tinybird_cdk::tinybird
