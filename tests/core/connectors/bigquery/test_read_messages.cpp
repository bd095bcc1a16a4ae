// SPDX-License-Identifier: Apache-2.0
#include "connectors/bigquery/read_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include <gmock/gmock.h>

#include <tinybird_cdk/errors.hpp>

#include "connectors/bigquery/memory_budget.hpp"
#include "connectors/bigquery/notation.hpp"
#include "connectors/bigquery/wire.hpp"

namespace tinybird_cdk::bigquery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::string_literals;

std::string message_with(std::uint32_t field, std::string_view content) {
    WireWriter writer;
    writer.bytes(field, content);
    return writer.message();
}

std::string rows_message(std::string_view batch, std::uint64_t rows) {
    WireWriter writer;
    writer.bytes(4, message_with(1, batch));
    writer.number(6, rows);
    return writer.message();
}

// The bytes that Google's own library for Python gives for the same requests.
TEST(TestReadMessages, AreThoseOfGooglesLibrary) {
    EXPECT_EQ(create_session_request("p", "t/u", 8), "\n\nprojects/p\x12\x07\x18\x02\x32\x03t/u\x18\x08\x20\x08"s);
    EXPECT_EQ(read_rows_request("s", 300), "\x0a\x01s\x10\xac\x02"s);
    EXPECT_EQ(read_rows_request("s", 0), "\x0a\x01s"s);
}

TEST(TestReadMessages, ASessionHasColumnsAndStreams) {
    WireWriter writer;
    writer.bytes(1, "a name");
    writer.bytes(5, message_with(1, "schema"));
    writer.bytes(10, message_with(1, "one"));
    writer.number(14, 1U << 31U);
    writer.bytes(10, message_with(1, "two"));
    const ReadSession session = session_of(writer.message());
    EXPECT_EQ(session.schema, "schema");
    EXPECT_THAT(session.streams, ElementsAre("one", "two"));
    EXPECT_THROW(session_of(""), errors::ExternalDatasourceError);
    EXPECT_THROW(session_of(message_with(5, message_with(1, "schema")) + "\x52\x00"s), errors::ExternalDatasourceError);
}

TEST(TestReadMessages, RowsHaveABatchAndACount) {
    const std::string message = rows_message("batch", UINT64_C(1) << 40U);
    EXPECT_EQ(rows_of(message).batch, "batch");
    EXPECT_EQ(rows_of(message).rows, UINT64_C(1) << 40U);
    EXPECT_EQ(rows_of("").rows, 0U);
    // A field that nobody knows, of each type.
    EXPECT_EQ(rows_of(message + "\xf8\x7f\x01\xf9\x7f"s + "12345678\xfd\x7f"s + "1234\xfa\x7f\x02zz"s).batch, "batch");
    WireWriter none;
    none.number(6, 3);
    EXPECT_THROW(rows_of(none.message()), errors::ExternalDatasourceError);
}

TEST(TestReadMessages, OnesThatAreDamagedAreRefused) {
    const std::string whole = rows_message(std::string(200, 'b'), 1000);
    for (std::size_t size = 1; size < whole.size(); ++size) {
        const std::string_view part = std::string_view(whole).substr(0, size);
        if (size == whole.size() - 3) {
            continue;  // All of the batch, and no count.
        }
        EXPECT_THROW(rows_of(part), errors::ExternalDatasourceError) << size;
    }
    const auto refused = [](const std::string& message, const char* why) {
        try {
            rows_of(message);
            ADD_FAILURE() << why;
        } catch (const errors::ExternalDatasourceError& error) {
            EXPECT_THAT(error.what(), HasSubstr(why));
        }
    };
    refused("\x30"s, "in the middle of a number");
    refused("\x30" + std::string(9, '\xff') + "\x02", "more than 64 bits");
    refused("\x30" + std::string(11, '\xff'), "more than 64 bits");
    refused("\x22\xff\xff\xff\xff\xff\xff\xff\xff\x7f"s, "bytes are missing");
    refused("\x00\x01"s, "the number 0");
    refused("\x23\x24"s, "of the type 3");
    refused("\x20\x01"s, "field 4 is a number");
    refused("\x32\x01x"s, "field 6 is no number");
}

/// With a token that has stopped, who would have to wait is told so instead.
std::stop_token no_waits() {
    std::stop_source source;
    source.request_stop();
    return source.get_token();
}

TEST(TestMemoryBudget, WhatWasGivenToABrokenMessageIsThereForItsNextTry) {
    MemoryBudget budget(100);
    ReservedMemory memory(budget);
    memory.reserve(60, no_waits());
    memory.reserve(60, no_waits());
    memory.reserve(50, no_waits());
    EXPECT_THROW(budget.take(50, no_waits()), errors::InterruptedError);
}

TEST(TestMemoryBudget, ALargerMessageNeedNotWaitForItsOwn) {
    MemoryBudget budget(100);
    ReservedMemory memory(budget);
    memory.reserve(60, no_waits());
    memory.reserve(100, no_waits());
    { const MemoryBudget::Share handed_over = memory.hand_over(); }
    const MemoryBudget::Share all = budget.take(100, no_waits());
}

TEST(TestMemoryBudget, OneBeyondItIsGivenWhenAllOthersAreBack) {
    MemoryBudget budget(100);
    const std::stop_source stop;
    MemoryBudget::Share first = budget.take(60, stop.get_token());
    std::string order;
    std::jthread large([&] {
        // Beyond the budget: alone, when all others are back.
        const MemoryBudget::Share share = budget.take(1000, stop.get_token());
        order += "large ";
    });
    first = MemoryBudget::Share();
    large.join();
    const MemoryBudget::Share all = budget.take(100, stop.get_token());
    EXPECT_EQ(order, "large ");
}

TEST(TestMemoryBudget, AStopEndsTheWaiting) {
    MemoryBudget budget(10);
    std::stop_source stop;
    const MemoryBudget::Share all = budget.take(10, stop.get_token());
    const std::jthread stopping([&] { stop.request_stop(); });
    EXPECT_THROW(budget.take(1, stop.get_token()), errors::InterruptedError);
}

TEST(TestNotation, DecimalsHaveNoZerosThatSayNothing) {
    EXPECT_EQ(decimal_text("1.500000000"), "1.5");
    EXPECT_EQ(decimal_text("-.50"), "-0.5");
    EXPECT_EQ(decimal_text("100"), "100");
    EXPECT_EQ(decimal_text("100.000"), "100");
    EXPECT_EQ(decimal_text("0.000"), "0");
    EXPECT_EQ(decimal_text("-0.000"), "0");
    EXPECT_EQ(decimal_text("0"), "0");
}

TEST(TestNotation, RangesAreWrittenAsSqlDoes) {
    EXPECT_EQ(range_text(date_bound(-719162), std::nullopt), "[0001-01-01, UNBOUNDED)");
    EXPECT_EQ(range_text(std::nullopt, moment_bound({.seconds = -1, .nanoseconds = 500'000'000}, true)),
              "[UNBOUNDED, 1969-12-31 23:59:59.5+00)");
    EXPECT_EQ(moment_bound({.seconds = 253402300799, .nanoseconds = 999'999'000}, false), "9999-12-31 23:59:59.999999");
}

}  // namespace
}  // namespace tinybird_cdk::bigquery
