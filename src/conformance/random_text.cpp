// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/conformance/random_text.hpp>

#include <array>
#include <string_view>

namespace tinybird_cdk::conformance {

namespace {

constexpr std::array<std::string_view, 24> words{
    "alpha", "NULL", "true", "0",     "-1.50",  "naïve", "Ærøskøbing", "\"quoted\"", "a,b", "漢字", "かな", "Привет",
    "مرحبا", "שלום", "😀",    "𝄞clef", "{json}", "[1,2]", "x=y;",       "$1",         "%s",  "#tag", "--",   "/*"};
constexpr std::array<std::string_view, 8> gaps{" ", " ", " ", "\n", "\n\n", "\t", ", ", "  "};

}  // namespace

std::uint64_t RandomText::any_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
}

std::uint64_t RandomText::below(std::uint64_t bound) {
    // Not a distribution of the standard library: those differ from one to another. The bias is of no matter here.
    return engine_() % bound;
}

std::string RandomText::text(std::size_t most) {
    std::string result;
    const std::uint64_t count = below(most + 1);
    for (std::uint64_t i = 0; i < count; ++i) {
        if (i > 0) {
            result += gaps[below(gaps.size())];
        }
        result += words[below(words.size())];
    }
    return result;
}

std::string RandomText::hex(std::size_t digits) {
    constexpr std::string_view alphabet = "0123456789abcdef";
    std::string result;
    while (result.size() < digits) {
        result += alphabet[below(alphabet.size())];
    }
    return result;
}

}  // namespace tinybird_cdk::conformance
