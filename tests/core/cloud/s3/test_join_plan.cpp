// SPDX-License-Identifier: Apache-2.0
/// Which requests join objects, up to sizes that no test has.
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cloud/s3/join_plan.hpp"
#include "cloud/s3/put.hpp"

namespace tinybird_cdk::cloud::s3 {
namespace {

constexpr std::uint64_t mega = 1ULL << 20U;
constexpr std::uint64_t giga = 1ULL << 30U;
constexpr std::uint64_t tera = 1ULL << 40U;
constexpr JoinLimits of_s3{.smallest = 5 * mega, .largest = 5 * giga, .most_parts = 10'000};

std::vector<Piece> whole(const std::vector<std::uint64_t>& sizes) {
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        pieces.push_back({.object = i, .from = 0, .length = sizes[i]});
    }
    return pieces;
}

/// Checks what S3 asks of an upload, and that it is all bytes in their order. @return bytes that go through memory
std::uint64_t check(const std::vector<Piece>& pieces, const JoinLimits& limits) {
    const std::vector<PlannedPart> plan = plan_join(pieces, limits);
    EXPECT_LE(plan.size(), limits.most_parts);
    std::uint64_t total = 0;
    for (const Piece& piece : pieces) {
        total += piece.size();
    }
    const std::uint64_t share = std::max(limits.smallest, total / (limits.most_parts - 1) + 1);
    std::uint64_t carried = 0;
    std::vector<Piece> flat;
    for (std::size_t i = 0; i < plan.size(); ++i) {
        std::uint64_t size = 0;
        for (const Piece& piece : plan[i].pieces) {
            size += piece.size();
            flat.push_back(piece);
        }
        EXPECT_GT(size, 0U);
        EXPECT_TRUE(i + 1 == plan.size() || size >= limits.smallest) << "part " << i << " has " << size;
        EXPECT_LE(size, std::max(limits.largest, 2 * share + 1));
        EXPECT_TRUE(!plan[i].copied || (plan[i].pieces.size() == 1 && size >= limits.smallest));
        carried += plan[i].copied ? 0 : size;
    }
    std::size_t next = 0;
    for (const Piece& piece : pieces) {
        std::uint64_t done = 0;
        while (done < piece.size() && next < flat.size()) {
            EXPECT_EQ(flat[next].literal, piece.literal);
            EXPECT_EQ(flat[next].object, piece.object);
            EXPECT_TRUE(!piece.literal.empty() || flat[next].from == piece.from + done);
            done += flat[next++].size();
        }
        EXPECT_EQ(done, piece.size());
    }
    EXPECT_EQ(next, flat.size());
    return carried;
}

TEST(JoinPlan, LargePartsNeverLeaveTheStore) {
    EXPECT_EQ(check(whole({5 * mega, 6 * mega, 4 * giga}), of_s3), 0U);
    EXPECT_EQ(check(whole({5 * giga + 1, 11 * giga, tera}), of_s3), 0U);
}

TEST(JoinPlan, SmallPartsBorrowFromTheirNeighbours) {
    // The small one is filled up from the next, whose rest is still large enough.
    EXPECT_EQ(check(whole({10, 100 * mega}), of_s3), 5 * mega);
    // The next one would be too small afterwards, so it comes along.
    EXPECT_EQ(check(whole({10, 6 * mega}), of_s3), 10 + 6 * mega);
    // The last part may be small.
    EXPECT_EQ(check(whole({100 * mega, 10}), of_s3), 10U);
    EXPECT_EQ(check(whole({100 * mega, 10, 100 * mega}), of_s3), 5 * mega);
    EXPECT_EQ(check(whole({1, 2, 3}), of_s3), 6U);
    EXPECT_EQ(check(whole({0, 0}), of_s3), 0U);
    EXPECT_EQ(plan_join(whole({0, 0}), of_s3).size(), 0U);
}

TEST(JoinPlan, FiveGigabytesInSmallParts) {
    EXPECT_EQ(check(whole(std::vector<std::uint64_t>(5120, mega)), of_s3), 5 * giga);
    EXPECT_EQ(plan_join(whole(std::vector<std::uint64_t>(5120, mega)), of_s3).size(), 1024U);
}

TEST(JoinPlan, MoreObjectsThanParts) {
    EXPECT_EQ(plan_join(whole(std::vector<std::uint64_t>(10'000, 5 * mega)), of_s3).size(), 10'000U);
    check(whole(std::vector<std::uint64_t>(10'001, 5 * mega)), of_s3);
    check(whole(std::vector<std::uint64_t>(30'000, 6 * mega)), of_s3);
}

TEST(JoinPlan, AnySizes) {
    std::mt19937_64 random(7);
    const JoinLimits small{.smallest = 5, .largest = 40, .most_parts = 30};
    for (int round = 0; round < 2000; ++round) {
        std::vector<Piece> pieces;
        const std::size_t count = random() % 60;
        for (std::size_t i = 0; i < count; ++i) {
            if (random() % 4 == 0) {
                pieces.push_back({.object = i, .from = 0, .length = 0, .literal = "\n"});
            } else {
                pieces.push_back(
                    {.object = i, .from = random() % 9, .length = random() % (random() % 3 == 0 ? 90 : 7)});
            }
        }
        check(pieces, small);
        if (HasFailure()) {
            FAIL() << "round " << round;
        }
    }
}

TEST(Put, TenThousandPartsHoldTheLargestObject) {
    const Options options;
    std::uint64_t total = 0;
    for (std::size_t part = 0; part < options.most_parts; ++part) {
        total += part_bytes(options, part, std::nullopt);
    }
    EXPECT_GE(total, 5 * tera);
    EXPECT_EQ(part_bytes(options, 0, std::nullopt), 16 * mega);
    EXPECT_EQ(part_bytes(options, 0, 1 * giga), 16 * mega);
    EXPECT_GE(part_bytes(options, 0, 5 * tera) * options.most_parts, 5 * tera);
}

}  // namespace
}  // namespace tinybird_cdk::cloud::s3
