// SPDX-License-Identifier: Apache-2.0
#include "encode/row_writer_impl.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/utf8.hpp"
#include "encode/escape.hpp"

namespace tinybird_cdk {

using encode::Accept;
using encode::NestedText;

RowWriter::Impl::Impl(std::vector<OutputColumn> columns, const RowWriterOptions& options, BufferSink& sink)
    : columns_(std::move(columns)),
      hazards_(options.hazards),
      checksums_(options.checksums),
      output_(sink, options.block_bytes),
      statistics_(columns_.size()),
      nested_(options.format == Format::csv ? encode::CsvEncoder::nested_notation
                                            : encode::NdjsonEncoder::nested_notation) {
    if (columns_.empty()) {
        throw errors::InvalidArgument("rows need at least one column");
    }
    switch (options.format) {
        case Format::csv:
            csv_.emplace(columns_, options.header, output_);
            break;
        case Format::ndjson:
            ndjson_.emplace(columns_, options.header, output_);
            break;
        case Format::parquet:
            throw errors::UnsupportedFormatError("rows can't be written as parquet", "Choose csv or ndjson.");
    }
    for (const OutputColumn& column : columns_) {
        rules_.push_back(encode::make_rule(column.target, column.valid_utf8));
    }
    inside_text_.accept = Accept::text;
}

void RowWriter::Impl::begin_row() {
    if (in_row_) {
        out_of_order("begin_row()");
    }
    in_row_ = true;
    column_ = 0;
}

void RowWriter::Impl::end_row() {
    if (!in_row_ || column_ != columns_.size() || nested_.open()) {
        out_of_order("end_row()");
    }
    in_row_ = false;
    with_encoder([](auto& encoder) { encoder.end_row(); });
    output_.end_row();
}

void RowWriter::Impl::finish() {
    if (in_row_) {
        out_of_order("finish()");
    }
    output_.flush();
}

RowStatistics RowWriter::Impl::statistics() const {
    return {.rows = output_.rows(), .bytes = output_.bytes(), .columns = statistics_};
}

const std::string& RowWriter::Impl::column_name() const {
    return columns_[std::min(column_, columns_.size() - 1)].name;
}

void RowWriter::Impl::out_of_order(std::string_view what) const {
    throw errors::Error(
        fmt::format("the connector called {} out of order at row {}: {} of {} values of the row were written{}", what,
                    output_.rows() + 1, column_, columns_.size(), nested_.open() ? ", the next one is not closed" : ""),
        "This is a defect of the connector.");
}

void RowWriter::Impl::put_special_float(std::string_view clickhouse_name) {
    if (nested_.open()) {
        nested_digits(clickhouse_name, csv_ == std::nullopt);
        return;
    }
    with_encoder([&](auto& encoder) { encoder.special_float(column_, clickhouse_name); });
    done(clickhouse_name);
}

void RowWriter::Impl::put_json(std::string_view document) {
    if (nested_.open()) {
        if (ndjson_) {
            nested_.raw_json(document);
        } else {
            nested_.string(document);
        }
        return;
    }
    with_encoder([&](auto& encoder) { encoder.json_value(column_, document); });
    done(document);
}

const encode::Rule& RowWriter::Impl::nested_rule() {
    const Rule& parent = *nested_rules_.back();
    const Container container = nested_.innermost();
    if (container == Container::record && !field_) {
        out_of_order("a value without field()");
    }
    const std::optional<std::string> name = std::exchange(field_, std::nullopt);
    switch (parent.accept) {
        case Accept::list:
            return parent.children.front();
        case Accept::map:
            return parent.children.at(nested_.count() % 2);
        case Accept::tuple: {
            std::size_t place = nested_.count();
            if (!parent.names.empty() && name) {
                const auto found = std::find(parent.names.begin(), parent.names.end(), *name);
                if (found == parent.names.end()) {
                    refuse(fmt::format("the record has a member \"{}\", {} has not", *name, parent.type));
                }
                place = static_cast<std::size_t>(found - parent.names.begin());
            }
            if (place >= parent.children.size()) {
                refuse(fmt::format("the record has more members than {}", parent.type));
            }
            return parent.children[place];
        }
        case Accept::text:
        case Accept::json:
            return inside_text_;
        default:
            return unknown_;
    }
}

void RowWriter::Impl::begin(Container container, std::string_view what) {
    const Rule& rule = next_rule();
    const bool fits = rule.accept == Accept::unknown || rule.accept == Accept::text || rule.accept == Accept::json ||
                      rule.accept == Accept::opaque || (container == Container::list && rule.accept == Accept::list) ||
                      (container == Container::record && rule.accept == Accept::tuple) ||
                      (container == Container::map && rule.accept == Accept::map);
    if (!fits) {
        refuse_kind(rule, what);
    }
    nested_.begin(container);
    nested_rules_.push_back(&rule);
}

void RowWriter::Impl::end(Container container) {
    if (!nested_.open() || nested_.innermost() != container || field_ ||
        (container == Container::map && nested_.count() % 2 == 1)) {
        out_of_order("the end of a list, record or map");
    }
    const Rule& rule = *nested_rules_.back();
    if (container == Container::record && rule.accept == Accept::tuple && nested_.count() != rule.children.size()) {
        refuse(fmt::format("the record has {} members, {} needs {}", nested_.count(), rule.type, rule.children.size()));
    }
    nested_.end();
    nested_rules_.pop_back();
    if (nested_.open()) {
        return;
    }
    with_encoder([&](auto& encoder) { encoder.nested(column_, nested_.text(), rule.accept == Accept::text); });
    done(nested_.text());
    nested_.clear();
}

void RowWriter::Impl::field(std::string_view name) {
    if (!nested_.open() || nested_.innermost() != Container::record || field_) {
        out_of_order("field()");
    }
    field_ =
        core::first_invalid_utf8(name) == std::string_view::npos ? std::string(name) : encode::with_valid_utf8(name);
    nested_.field(*field_);
}

}  // namespace tinybird_cdk
