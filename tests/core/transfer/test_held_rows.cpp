// SPDX-License-Identifier: Apache-2.0
#include "transfer/held_rows.hpp"

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "helpers/fake_clock.hpp"

namespace tinybird_cdk::transfer {
namespace {

using testing::FakeClock;
using namespace std::chrono_literals;

class Nowhere final : public BufferSink {
public:
    Buffer exchange(Buffer /*full*/, std::size_t wanted) override { return Buffer(wanted); }
};

/// Passes that take as long as they are told to.
class Slow final : public Rows {
public:
    explicit Slow(std::shared_ptr<FakeClock> clock) : clock_(std::move(clock)) {}
    const std::vector<ResultColumn>& columns() const override { return columns_; }
    void write(RowWriter& /*writer*/, const std::stop_token& stop) override {
        clock_->sleep(takes, stop);
        if (fails) {
            throw errors::ExternalDatasourceError("gone");
        }
    }
    std::optional<std::uint64_t> estimated_rows() const override { return 7; }
    std::chrono::milliseconds takes{0};
    bool fails = false;

private:
    const std::shared_ptr<FakeClock> clock_;
    std::vector<ResultColumn> columns_{{"n", "integer", true}};
};

TEST(TestHeldRows, TheLongestPassCounts) {
    const auto clock = std::make_shared<FakeClock>();
    Slow slow(clock);
    HeldRows rows(slow, clock->now(), clock);
    EXPECT_EQ(rows.columns().size(), 1U);
    EXPECT_EQ(rows.estimated_rows(), 7U);
    EXPECT_EQ(rows.longest(), 0ms);
    Nowhere sink;
    RowWriter writer({{"n", std::nullopt, true}}, {}, sink);

    // The query was open before the first pass began, and is not between two passes.
    clock->sleep(5s, {});
    slow.takes = 2s;
    rows.write(writer, {});
    EXPECT_EQ(rows.longest(), 7s);
    clock->sleep(1h, {});
    slow.takes = 6s;
    rows.write(writer, {});
    EXPECT_EQ(rows.longest(), 7s);
    slow.takes = 8s;
    slow.fails = true;
    EXPECT_THROW(rows.write(writer, {}), errors::ExternalDatasourceError);
    EXPECT_EQ(rows.longest(), 8s);
}

}  // namespace
}  // namespace tinybird_cdk::transfer
