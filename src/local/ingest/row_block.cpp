// SPDX-License-Identifier: Apache-2.0
#include "local/ingest/row_block.hpp"

#include <fmt/format.h>

#include "local/ingest/native.hpp"
#include "local/ingest/types.hpp"

namespace tinybird_cdk::local::ingest {

namespace {

constexpr std::string_view any_text = "Nullable(String)";

/// The flag of a text that has another shape than its type.
std::unique_ptr<Column> flag_column() {
    schema::Type flag = schema::UInt8();
    return typed_scalar(flag, Missing::refused);
}

}  // namespace

void RowBlock::append_column(std::string name, std::string type, std::unique_ptr<Column> column) {
    columns_.push_back({std::move(name), std::move(type), std::move(column)});
}

std::string RowBlock::take() {
    std::string out;
    append_varint(out, columns_.size());
    append_varint(out, rows_);
    for (const Entry& entry : columns_) {
        append_text(out, entry.name);
        append_text(out, entry.type);
        entry.column->append_data(out);
        entry.column->clear();
    }
    rows_ = 0;
    return out;
}

TypedBlock::TypedBlock(const std::vector<schema::Column>& columns, ImportFormat format) {
    for (const schema::Column& column : columns) {
        const schema::Type plain = plain_type(column.type);
        // The empty field of a CSV is the empty text.
        const bool text = plain.kind() == schema::Kind::string && format == ImportFormat::csv;
        auto values = typed_column(plain, text ? Missing::empty_text : Missing::refused);
        usable_ = usable_ && values != nullptr;
        append_column(column.name, carried_type(plain).to_string(), std::move(values));
        missing_has_default_.push_back(!column.default_expr.empty() && !plain.nullable());
    }
}

bool TypedBlock::add(std::span<const Field> fields) {
    for (std::size_t i = 0; i < columns(); ++i) {
        column(i).mark();
        if (!column(i).add(fields[i]) || (missing_has_default_[i] && fields[i].missing())) {
            for (std::size_t k = 0; k <= i; ++k) {
                column(k).take_back();
            }
            return false;
        }
    }
    count_row();
    return true;
}

TextBlock::TextBlock(const std::vector<schema::Column>& columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const schema::Type plain = plain_type(columns[i].type);
        nested_.push_back(is_nested(plain));
        append_column(fmt::format("c{}", i), staged_type(plain).to_string(), text_column(plain));
        if (nested_.back()) {
            append_column(fmt::format("r{}", i), std::string(any_text), text_column(schema::String()));
            append_column(fmt::format("f{}", i), "UInt8", flag_column());
        }
    }
}

std::string TextBlock::table_columns(const std::vector<schema::Column>& columns) {
    std::vector<std::string> definitions;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const schema::Type plain = plain_type(columns[i].type);
        definitions.push_back(fmt::format("c{} {}", i, staged_type(plain).to_string()));
        if (is_nested(plain)) {
            definitions.push_back(fmt::format("r{} {}, f{} UInt8", i, any_text, i));
        }
    }
    return fmt::format("{}", fmt::join(definitions, ", "));
}

bool TextBlock::add(std::span<const Field> fields) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < nested_.size(); ++i) {
        Column& values = column(at++);
        if (!nested_[i]) {
            values.add(fields[i]);
            continue;
        }
        values.mark();
        const bool fits = values.add(fields[i]);
        if (!fits) {
            values.take_back();
            values.add(Field{});
        }
        column(at++).add(fields[i].kind == Field::Kind::null ? Field{Field::Kind::text, "null"} : fields[i]);
        column(at++).add(Field{Field::Kind::text, fits ? "0" : "1"});
    }
    count_row();
    return true;
}

}  // namespace tinybird_cdk::local::ingest
