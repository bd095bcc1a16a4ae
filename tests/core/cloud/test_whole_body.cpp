// SPDX-License-Identifier: Apache-2.0
#include "cloud/whole_body.hpp"

#include <array>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::cloud {
namespace {

using ::testing::HasSubstr;

/// Says that it has so many bytes.
class Claiming final : public Body {
public:
    Claiming(std::string bytes, std::optional<std::uint64_t> claimed)
        : bytes_(std::move(bytes)), body_(body_of(bytes_)), claimed_(claimed) {}
    std::size_t read(std::span<char> into) override { return body_->read(into); }
    bool rewind() override { return body_->rewind(); }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return claimed_; }

private:
    const std::string bytes_;
    const std::unique_ptr<Body> body_;
    const std::optional<std::uint64_t> claimed_;
};

std::string drain(Body& body) {
    std::string text;
    std::array<char, 3> block{};
    while (const std::size_t count = body.read(block)) {
        text.append(block.data(), count);
    }
    return text;
}

TEST(WholeBody, PassesOnWhatIsWhole) {
    for (const std::optional<std::uint64_t> size : {std::optional<std::uint64_t>(5), std::optional<std::uint64_t>()}) {
        Claiming claiming("12345", size);
        WholeBody body(claiming, "s3://b/k");
        EXPECT_EQ(body.size(), size);
        std::array<char, 2> begin{};
        EXPECT_EQ(body.read(begin), 2U);
        EXPECT_EQ(body.read({}), 0U);
        ASSERT_TRUE(body.rewind());
        EXPECT_EQ(drain(body), "12345");
    }
    Claiming nothing("", 0);
    EXPECT_EQ(drain(*std::make_unique<WholeBody>(nothing, "s3://b/k")), "");
}

TEST(WholeBody, RefusesWhatEndsElsewhere) {
    for (const std::uint64_t size : {0U, 4U, 6U}) {
        Claiming claiming("12345", size);
        WholeBody body(claiming, "s3://b/k");
        try {
            drain(body);
            FAIL() << size;
        } catch (const errors::Error& error) {
            EXPECT_THAT(error.what(), HasSubstr("s3://b/k"));
            EXPECT_EQ(error.exit_code(), errors::ExitCode::temporary);
        }
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud
