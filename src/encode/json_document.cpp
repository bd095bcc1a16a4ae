// SPDX-License-Identifier: Apache-2.0
#include "encode/json_document.hpp"

#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/json_reader.hpp"

namespace tinybird_cdk::encode {

namespace {

/// Each level takes a few bytes of memory and nothing of the stack.
constexpr std::size_t deepest = 100'000;
constexpr std::string_view blanks = " \t\r\n";

/// Watches for a key that comes twice in its object.
class DuplicateFinder final : public core::JsonEvents {
public:
    void begin_object() override { open_.emplace_back(); }
    void key(std::string name) override {
        if (!duplicate_ && !open_.back().insert(name).second) {
            duplicate_ = std::move(name);
        }
    }
    void end_object() override { open_.pop_back(); }

    [[nodiscard]] const std::optional<std::string>& duplicate() const noexcept { return duplicate_; }

private:
    std::vector<std::unordered_set<std::string>> open_;
    std::optional<std::string> duplicate_;
};

char first_of(std::string_view document) noexcept {
    const std::size_t first = document.find_first_not_of(blanks);
    return first == std::string_view::npos ? '\0' : document[first];
}

}  // namespace

JsonFindings look_through(std::string_view document) {
    JsonFindings findings;
    DuplicateFinder finder;
    if (const auto failure = core::read_json(document, finder, deepest)) {
        findings.fault = fmt::format("{} at byte {}", failure->reason, failure->position);
    }
    findings.duplicate_key = finder.duplicate();
    findings.object = first_of(document) == '{';
    return findings;
}

bool is_json_container(std::string_view text) {
    const char first = first_of(text);
    core::JsonEvents unheard;
    return (first == '[' || first == '{') && !core::read_json(text, unheard, deepest);
}

void append_on_one_line(std::string& out, std::string_view document) {
    while (true) {
        const std::size_t end = document.find_first_of("\r\n");
        out += document.substr(0, end);
        if (end == std::string_view::npos) {
            return;
        }
        out += ' ';
        document.remove_prefix(end + 1);
    }
}

}  // namespace tinybird_cdk::encode
