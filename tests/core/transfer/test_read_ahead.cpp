// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "transfer/read_ahead.hpp"

namespace tinybird_cdk::transfer {
namespace {

/// Bytes that tell where they stand; ends in an exception when told so.
class Numbers final : public Body {
public:
    Numbers(std::size_t count, bool fails) : count_(count), fails_(fails) {}
    std::size_t read(std::span<char> into) override {
        std::size_t filled = 0;
        while (filled < into.size() && filled < 70'001 && at_ < count_) {
            into[filled++] = letter(at_++);
        }
        if (filled == 0 && fails_) {
            throw errors::InvalidArgument("it broke");
        }
        return filled;
    }
    bool rewind() override {
        at_ = 0;
        return true;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return count_; }
    static char letter(std::size_t at) { return static_cast<char>('a' + at % 23); }

private:
    const std::size_t count_;
    const bool fails_;
    std::size_t at_ = 0;
};

std::string all_of(Body& body) {
    std::string text;
    std::string block(100'003, '\0');
    while (const std::size_t count = body.read(block)) {
        text.append(block, 0, count);
    }
    return text;
}

std::string expected(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += Numbers::letter(i);
    }
    return text;
}

TEST(TestReadAhead, GivesTheSameBytes) {
    for (const std::size_t count : {0U, 1U, 262'144U, 12'000'000U}) {
        Numbers numbers(count, false);
        ReadAhead body(numbers);
        EXPECT_EQ(body.size(), count);
        EXPECT_TRUE(all_of(body) == expected(count)) << count;
        std::string block(10, '\0');
        EXPECT_EQ(body.read(block), 0U) << "the end stays the end";
    }
}

TEST(TestReadAhead, BeginsAnewInTheMiddleAndAtTheEnd) {
    constexpr std::size_t count = 9'000'000;
    Numbers numbers(count, false);
    ReadAhead body(numbers);
    std::string block(1'000'000, '\0');
    EXPECT_GT(body.read(block), 0U);
    EXPECT_TRUE(body.rewind());
    EXPECT_TRUE(all_of(body) == expected(count));
    EXPECT_TRUE(body.rewind());
    EXPECT_TRUE(all_of(body) == expected(count));
}

TEST(TestReadAhead, AFailureComesBehindTheBytesBeforeIt) {
    Numbers numbers(500'000, true);
    ReadAhead body(numbers);
    std::string text;
    std::string block(100'000, '\0');
    EXPECT_THROW(
        {
            while (const std::size_t count = body.read(block)) {
                text.append(block, 0, count);
            }
        },
        errors::InvalidArgument);
    EXPECT_TRUE(text == expected(500'000));
}

TEST(TestReadAhead, GoesAwayInTheMiddle) {
    Numbers numbers(50'000'000, false);
    const std::stop_source stop;
    {
        ReadAhead body(numbers, stop);
        std::string block(10, '\0');
        EXPECT_EQ(body.read(block), 10U);
    }
    EXPECT_TRUE(stop.stop_requested());
}

}  // namespace
}  // namespace tinybird_cdk::transfer
