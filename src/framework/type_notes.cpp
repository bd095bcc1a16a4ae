// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/type_notes.hpp>

#include <memory>
#include <stop_token>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "encode/arrow/record_batch_rows.hpp"
#include "encode/column_rules.hpp"
#include "encode/parquet/stored_type.hpp"
#include "framework/guard.hpp"

namespace tinybird_cdk {

namespace {

class OneValue final : public Rows {
public:
    OneValue(std::function<void(RowWriter&)> write, bool valid_utf8)
        : write_(std::move(write)), columns_{{"c", {}, valid_utf8}} {}

    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
    void write(RowWriter& writer, const std::stop_token& /*stop*/) override {
        writer.begin_row();
        write_(writer);
        writer.end_row();
    }

private:
    const std::function<void(RowWriter&)> write_;
    const std::vector<ResultColumn> columns_;
};

class TextSink final : public BufferSink {
public:
    Buffer exchange(Buffer full, std::size_t wanted) override {
        text += full.view();
        return Buffer(wanted);
    }
    std::string text;
};

std::unique_ptr<Rows> rows_of(Export source) {
    if (auto* const rows = std::get_if<std::unique_ptr<Rows>>(&source)) {
        return std::move(*rows);
    }
    if (auto* const batches = std::get_if<std::unique_ptr<RecordBatches>>(&source)) {
        return std::make_unique<encode::RecordBatchRows>(std::move(*batches));
    }
    throw errors::Error("an example of a type is no row", "This is a defect of the connector.");
}

/// The value alone, without what a row of one column "c" puts around it.
std::string value_of(Format format, std::string_view row) {
    const std::string_view before = format == Format::ndjson ? "{\"c\":" : "";
    const std::string_view behind = format == Format::ndjson ? "}\n" : "\n";
    if (row.size() < before.size() + behind.size() || !row.starts_with(before) || !row.ends_with(behind)) {
        throw errors::Error(fmt::format("an example of a type is not one row of one column \"c\": {}", row),
                            "This is a defect of the connector.");
    }
    return std::string(row.substr(before.size(), row.size() - before.size() - behind.size()));
}

std::string written(const TypeExample& example, const schema::Type& target, Format format) {
    const std::unique_ptr<Rows> rows = rows_of(example.read());
    TextSink sink;
    RowWriterOptions options;
    options.format = format;
    const ResultColumn& column = rows->columns().at(0);
    RowWriter writer({{"c", target, column.valid_utf8}}, options, sink);
    rows->write(writer, {});
    writer.finish();
    return value_of(format, sink.text);
}

/// Without the row and the column, which say nothing here.
std::string reason_of(const errors::RefusedValueError& error) {
    const std::string_view message = error.what();
    const std::string place = fmt::format("row {}, column \"{}\": ", error.row(), error.column());
    return std::string(message.starts_with(place) ? message.substr(place.size()) : message);
}

DescribedExample described(const TypeExample& example, const schema::Type& target) {
    DescribedExample result{.literal = example.literal, .notations = {}, .refusal = {}};
    for (const Format format : described_formats()) {
        try {
            result.notations.push_back(written(example, target, format));
        } catch (const errors::RefusedValueError& error) {
            result.refusal = reason_of(error);
        }
    }
    if (!result.refusal.empty()) {
        if (!result.notations.empty()) {
            throw errors::Error(fmt::format("{} goes into {} in one format and is refused in another", example.literal,
                                            target.to_string()));
        }
    }
    return result;
}

}  // namespace

Export one_value(std::function<void(RowWriter&)> write, bool valid_utf8) {
    return std::make_unique<OneValue>(std::move(write), valid_utf8);
}

const std::vector<Format>& described_formats() {
    static const std::vector<Format> formats{Format::csv, Format::ndjson};
    return formats;
}

std::vector<DescribedType> describe_types(const std::vector<TypeNote>& notes) {
    return framework::guard([&] {
        std::vector<DescribedType> result;
        for (const TypeNote& note : notes) {
            DescribedType type{.source_type = note.source_type,
                               .target = note.target,
                               .parquet = encode::parquet::type_text(encode::make_rule(note.target, false)),
                               .remark = note.remark,
                               .examples = {}};
            for (const TypeExample& example : note.examples) {
                type.examples.push_back(described(example, note.target));
            }
            result.push_back(std::move(type));
        }
        return result;
    });
}

}  // namespace tinybird_cdk
