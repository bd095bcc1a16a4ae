// SPDX-License-Identifier: Apache-2.0
#include "encode/row_writer_impl.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/utf8.hpp"
#include "encode/base64.hpp"
#include "encode/escape.hpp"

namespace tinybird_cdk {

using encode::Accept;

namespace {

void refuse_repeated_names(const std::vector<OutputColumn>& columns, Format format) {
    std::unordered_set<std::string_view> names;
    for (const OutputColumn& column : columns) {
        if (!names.insert(column.name).second) {
            throw errors::InvalidArgument(fmt::format("two columns are named \"{}\", which {} can't keep apart",
                                                      column.name, format == Format::ndjson ? "NDJSON" : "Parquet"),
                                          "Give each column of the query a name of its own with AS, or use CSV.");
        }
    }
}

}  // namespace

RowWriter::Impl::Impl(std::vector<OutputColumn> columns, const RowWriterOptions& options, BufferSink& sink)
    : columns_(std::move(columns)),
      hazards_(options.hazards),
      checksums_(options.checksums),
      output_(sink, options.block_bytes),
      column_(columns_.size()),
      statistics_(columns_.size()) {
    if (columns_.empty()) {
        throw errors::InvalidArgument("rows need at least one column");
    }
    if (options.format != Format::csv) {
        refuse_repeated_names(columns_, options.format);
    }
    rules_.reserve(columns_.size());
    for (const OutputColumn& column : columns_) {
        rules_.push_back(encode::make_rule(column.target, column.valid_utf8));
        if (checksums_) {
            proofs_.emplace_back(column.target);
        }
    }
    switch (options.format) {
        case Format::csv:
            csv_.emplace(columns_, options.header, output_);
            break;
        case Format::ndjson:
            ndjson_.emplace(columns_, output_);
            break;
        case Format::parquet:
            parquet_.emplace(columns_, rules_, options, output_);
            break;
    }
}

void RowWriter::Impl::begin_row() {
    if (in_row_ || finished_) {
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
    if (parquet_) [[unlikely]] {
        parquet_->end_row();
        return;
    }
    with_encoder([](auto& encoder) { encoder.end_row(); });
    output_.end_row();
}

void RowWriter::Impl::finish() {
    if (in_row_) {
        out_of_order("finish()");
    }
    finished_ = true;
    if (parquet_) {
        parquet_->finish();
    }
    output_.flush();
}

RowStatistics RowWriter::Impl::statistics() const {
    RowStatistics result{.rows = output_.rows(), .bytes = output_.bytes(), .columns = statistics_};
    for (std::size_t i = 0; i < proofs_.size(); ++i) {
        proofs_[i].report(result.columns[i]);
    }
    return result;
}

const std::string& RowWriter::Impl::column_name() const {
    return columns_[std::min(column_, columns_.size() - 1)].name;
}

void RowWriter::Impl::out_of_order(std::string_view what) const {
    const std::string where = !in_row_ ? std::string("no row is open")
                              : column_ < columns_.size()
                                  ? fmt::format("column \"{}\" is next{}", column_name(),
                                                nested_.open() ? " and has a list, record or map open" : "")
                                  : fmt::format("all {} columns have their values", columns_.size());
    defect(fmt::format("{} came out of order: {}", what, where));
}

void RowWriter::Impl::defect(const std::string& what) const {
    throw errors::Error(fmt::format("row {}: {}", output_.rows() + 1, what), "This is a defect of the connector.");
}

void RowWriter::Impl::put_special_float(std::string_view clickhouse_name) {
    if (nested_.open()) {
        nested_.digits(clickhouse_name, Quoting::exact);
        prove_part(clickhouse_name);
        return;
    }
    with_encoder([&](auto& encoder) { encoder.special_float(column_, clickhouse_name); });
    done(clickhouse_name);
}

void RowWriter::Impl::put_json(std::string_view document) {
    if (nested_.open()) {
        nested_.json(document);
        prove_part(document);
        return;
    }
    with_encoder([&](auto& encoder) { encoder.json_value(column_, document); });
    done(document);
}

void RowWriter::Impl::put_base64(const Rule& rule, std::span<const std::byte> value) {
    const bool plain = rule.is_any_text() || rule.accept == Accept::unknown;
    if (plain && !nested_.open() && !checksums_) {
        with_encoder([&](auto& encoder) { encoder.base64(column_, value); });
        ++column_;
        return;
    }
    std::string text(encode::base64_length(value.size()), '\0');
    encode::write_base64(text.data(), value);
    if (plain) {
        put_string(text);
    } else {
        checked_text(rule, text);
    }
}

const encode::Rule& RowWriter::Impl::nested_rule() {
    Frame& frame = frames_.back();
    const Rule& parent = *frame.rule;
    const Container container = nested_.innermost();
    if ((container == Container::record || container == Container::positional_record) &&
        !std::exchange(frame.has_field, false)) {
        out_of_order("a value without field()");
    }
    switch (parent.accept) {
        case Accept::list:
            return parent.children.front();
        case Accept::map:
            return parent.children[nested_.at_key() ? 0 : 1];
        case Accept::tuple:
            return parent.children[frame.place];
        case Accept::unknown:
        case Accept::inside:
            return parent;
        case Accept::text:
        case Accept::json:
            return encode::inside_rule(parent.valid_utf8);
        default:
            return encode::unknown_rule(parent.valid_utf8);
    }
}

void RowWriter::Impl::nested_null() {
    if (nested_.at_key()) {
        refuse("NULL can't be the key of a map");
    }
    nested_.null();
    if (auto* const form = nested_form(); form != nullptr) {
        form->null();
    }
}

encode::NestedText::Notation RowWriter::Impl::notation_of(const Rule& rule) const {
    using Notation = encode::NestedText::Notation;
    if (rule.is_any_text() || rule.accept == Accept::json) {
        return Notation::json;
    }
    const bool inside_fields = nested_.open() && nested_.notation() == Notation::csv_fields;
    if (rule.accept == Accept::tuple && (!nested_.open() || inside_fields)) {
        return csv_ ? encode::CsvEncoder::tuple_notation : encode::NdjsonEncoder::tuple_notation;
    }
    return csv_ ? encode::CsvEncoder::nested_notation : encode::NdjsonEncoder::nested_notation;
}

void RowWriter::Impl::begin(Container container, std::string_view what) {
    if (nested_.open() && nested_.at_key()) {
        refuse(fmt::format("{} can't be the key of a map", what));
    }
    const Rule& rule = next_rule();
    const bool fits = rule.accept == Accept::unknown || rule.is_any_text() || rule.accept == Accept::json ||
                      rule.accept == Accept::opaque || (container == Container::list && rule.accept == Accept::list) ||
                      (container == Container::record && rule.accept == Accept::tuple) ||
                      (container == Container::map && rule.accept == Accept::map);
    if (!fits) {
        refuse_kind(rule, what);
    }
    const auto notation = notation_of(rule);
    const bool as_string = nested_.open() && (notation != nested_.notation() || rule.accept == Accept::text);
    if (rule.accept == Accept::tuple && rule.names.empty()) {
        container = Container::positional_record;
    }
    nested_.begin(container, notation, as_string);
    if (auto* const form = nested_form(); form != nullptr) {
        form->begin();
    }
    frames_.push_back({&rule, seen_.size()});
    if (rule.accept == Accept::tuple) {
        seen_.resize(seen_.size() + rule.children.size(), false);
    }
}

void RowWriter::Impl::end(Container container) {
    if (!nested_.open()) {
        out_of_order("the end of a list, record or map");
    }
    const Frame frame = frames_.back();
    const Rule& rule = *frame.rule;
    const Container open =
        nested_.innermost() == Container::positional_record ? Container::record : nested_.innermost();
    if (open != container || frame.has_field || (container == Container::map && !nested_.at_key())) {
        out_of_order("the end of a list, record or map");
    }
    if (rule.accept == Accept::tuple && nested_.count() != rule.children.size()) {
        refuse(fmt::format("the record has {} members, {} needs {}", nested_.count(), rule.type, rule.children.size()));
    }
    const auto notation = nested_.notation();
    const std::optional<std::string> as_text = nested_.end();
    if (auto* const form = nested_form(); form != nullptr) {
        form->end(as_text);
    }
    frames_.pop_back();
    seen_.resize(frame.seen);
    if (nested_.open()) {
        return;
    }
    if (rule.accept == Accept::json) {
        json_into_json(rule, nested_.text());
    } else {
        with_encoder(
            [&](auto& encoder) { encoder.nested(column_, nested_.text(), notation, rule.accept == Accept::text); });
        done(nested_.text());
    }
    nested_.clear();
}

std::size_t RowWriter::Impl::member_place(const Frame& frame, std::string_view name) const {
    const Rule& rule = *frame.rule;
    if (rule.accept != Accept::tuple) {
        return nested_.count();
    }
    std::size_t place = nested_.count();
    if (!rule.names.empty() && (place >= rule.names.size() || rule.names[place] != name)) {
        const auto found = std::find(rule.names.begin(), rule.names.end(), name);
        if (found == rule.names.end()) {
            refuse(fmt::format("the record has a member \"{}\", {} has not", name, rule.type));
        }
        place = static_cast<std::size_t>(found - rule.names.begin());
    }
    if (place >= rule.children.size()) {
        refuse(fmt::format("the record has more members than {}", rule.type));
    }
    if (seen_[frame.seen + place]) {
        refuse(fmt::format("the record has the member \"{}\" twice", name));
    }
    return place;
}

void RowWriter::Impl::field(std::string_view name) {
    if (!nested_.open() || frames_.back().has_field ||
        (nested_.innermost() != Container::record && nested_.innermost() != Container::positional_record)) {
        out_of_order("field()");
    }
    Frame& frame = frames_.back();
    frame.place = member_place(frame, name);
    frame.has_field = true;
    if (auto* const form = nested_form(); form != nullptr) {
        form->member(frame.place);
    }
    if (frame.rule->accept == Accept::tuple) {
        seen_[frame.seen + frame.place] = true;
    }
    if (core::first_invalid_utf8(name) == std::string_view::npos) [[likely]] {
        nested_.field(name, frame.place);
        return;
    }
    // A name can't be NULL, so it is mended unless the policy refuses.
    resolve(Hazard::invalid_utf8, encode::unknown_rule(false), name, "it is not valid UTF-8");
    nested_.field(encode::with_valid_utf8(name), frame.place);
}

}  // namespace tinybird_cdk
