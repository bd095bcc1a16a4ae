// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/row_writer.hpp>

/// What a row writer writes, as text.
namespace tinybird_cdk::testing {

class CollectingSink final : public BufferSink {
public:
    struct Block {
        std::size_t size;
        std::size_t capacity;
        std::uint64_t rows;
    };

    Buffer exchange(Buffer full, std::size_t wanted) override {
        text += full.view();
        blocks.push_back({full.size(), full.capacity(), full.rows()});
        return Buffer(wanted);
    }

    std::string text;
    std::vector<Block> blocks;
};

using Rows = std::function<void(RowWriter&)>;

inline std::string written(std::vector<OutputColumn> columns, const RowWriterOptions& options, const Rows& rows) {
    CollectingSink sink;
    RowWriter writer(std::move(columns), options, sink);
    rows(writer);
    writer.finish();
    return sink.text;
}

inline std::optional<schema::Type> type_of(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(schema::Type::parse(text));
}

/// One value of one column "c", as it stands in the output. @param type of the target; empty: not known
inline std::string value_in(Format format, std::string_view type, const Rows& value, std::string_view policy = {}) {
    RowWriterOptions options;
    options.format = format;
    if (!policy.empty()) {
        options.hazards.set(policy);
    }
    // A second column, so that NULL stands in CSV as in any other row.
    std::string text = written({{"c", type_of(type)}, {"d", std::nullopt}}, options, [&](RowWriter& writer) {
        writer.begin_row();
        value(writer);
        writer.int64(0);
        writer.end_row();
    });
    const std::string_view before = format == Format::csv ? "" : "{\"c\":";
    const std::string_view behind = format == Format::csv ? ",0\n" : ",\"d\":0}\n";
    EXPECT_TRUE(text.starts_with(before) && text.ends_with(behind)) << text;
    return text.substr(before.size(), text.size() - before.size() - behind.size());
}

inline std::string csv(std::string_view type, const Rows& value, std::string_view policy = {}) {
    return value_in(Format::csv, type, value, policy);
}

inline std::string json(std::string_view type, const Rows& value, std::string_view policy = {}) {
    return value_in(Format::ndjson, type, value, policy);
}

/// The message with which a value is refused; empty when it is not.
inline std::string refusal(std::string_view type, const Rows& value, std::string_view policy = {}) {
    std::string message;
    for (const Format format : {Format::csv, Format::ndjson}) {
        std::string one;
        try {
            value_in(format, type, value, policy);
        } catch (const errors::RefusedValueError& error) {
            one = error.what();
            EXPECT_EQ(error.column(), "c");
            EXPECT_EQ(error.row(), 1U);
        }
        EXPECT_TRUE(message.empty() || message == one) << "CSV: " << message << ", NDJSON: " << one;
        message = one;
    }
    return message;
}

}  // namespace tinybird_cdk::testing
