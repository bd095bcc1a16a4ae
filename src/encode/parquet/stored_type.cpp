// SPDX-License-Identifier: Apache-2.0
#include "encode/parquet/stored_type.hpp"

#include <cstring>

#include <fmt/format.h>
#include <nanoarrow/nanoarrow.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::encode::parquet {

namespace {

constexpr int digits_of_decimal128 = 38;

ArrowType integer_type(int bits, bool is_signed) {
    switch (bits) {
        case 8:
            return is_signed ? NANOARROW_TYPE_INT8 : NANOARROW_TYPE_UINT8;
        case 16:
            return is_signed ? NANOARROW_TYPE_INT16 : NANOARROW_TYPE_UINT16;
        case 32:
            return is_signed ? NANOARROW_TYPE_INT32 : NANOARROW_TYPE_UINT32;
        default:
            return is_signed ? NANOARROW_TYPE_INT64 : NANOARROW_TYPE_UINT64;
    }
}

ArrowTimeUnit unit_of(const Rule& rule) {
    const int digits = fraction_digits(rule);
    return digits == 3 ? NANOARROW_TIME_UNIT_MILLI : digits == 6 ? NANOARROW_TIME_UNIT_MICRO : NANOARROW_TIME_UNIT_NANO;
}

void set_type(const Rule& rule, ArrowSchema* schema) {
    switch (stored_as(rule)) {
        case Stored::integer:
        case Stored::unsigned_integer:
            check(ArrowSchemaSetType(schema, integer_type(rule.bits, rule.is_signed)));
            return;
        case Stored::float32:
            check(ArrowSchemaSetType(schema, NANOARROW_TYPE_FLOAT));
            return;
        case Stored::float64:
            check(ArrowSchemaSetType(schema, NANOARROW_TYPE_DOUBLE));
            return;
        case Stored::boolean:
            check(ArrowSchemaSetType(schema, NANOARROW_TYPE_BOOL));
            return;
        case Stored::decimal:
            check(ArrowSchemaSetTypeDecimal(
                schema, rule.precision <= digits_of_decimal128 ? NANOARROW_TYPE_DECIMAL128 : NANOARROW_TYPE_DECIMAL256,
                rule.precision, rule.scale));
            return;
        case Stored::date:
            check(ArrowSchemaSetType(schema, NANOARROW_TYPE_DATE32));
            return;
        case Stored::timestamp:
            check(ArrowSchemaSetTypeDateTime(schema, NANOARROW_TYPE_TIMESTAMP, unit_of(rule), "UTC"));
            return;
        case Stored::text:
            check(ArrowSchemaSetType(schema, NANOARROW_TYPE_STRING));
            return;
        case Stored::list:
            check(ArrowSchemaSetFormat(schema, "+l"));
            check(ArrowSchemaAllocateChildren(schema, 1));
            describe(rule.children.front(), "element", schema->children[0]);
            return;
        case Stored::record:
            check(ArrowSchemaSetTypeStruct(schema, static_cast<std::int64_t>(rule.children.size())));
            for (std::size_t i = 0; i < rule.children.size(); ++i) {
                describe(rule.children[i], member_name(rule, i), schema->children[i]);
            }
            return;
        case Stored::map:
            check(ArrowSchemaSetFormat(schema, "+m"));
            check(ArrowSchemaAllocateChildren(schema, 1));
            ArrowSchema* const entries = schema->children[0];
            ArrowSchemaInit(entries);
            check(ArrowSchemaSetTypeStruct(entries, 2));
            check(ArrowSchemaSetName(entries, "entries"));
            entries->flags &= ~ARROW_FLAG_NULLABLE;
            describe(rule.children[0], "key", entries->children[0]);
            entries->children[0]->flags &= ~ARROW_FLAG_NULLABLE;
            describe(rule.children[1], "value", entries->children[1]);
            return;
    }
}

}  // namespace

void check(int code) {
    if (code == NANOARROW_OK) {
        return;
    }
    throw errors::Error(fmt::format("the rows can't be gathered for Parquet: {}",
                                    code == EOVERFLOW ? "a value has more than 2 GB" : std::strerror(code)),
                        "Choose another format, or load fewer columns.", errors::ExitCode::data_refused);
}

Stored stored_as(const Rule& rule) noexcept {
    switch (rule.accept) {
        case Accept::integer:
            // Parquet has no wider integers.
            return rule.bits > 64 ? Stored::text : rule.is_signed ? Stored::integer : Stored::unsigned_integer;
        case Accept::float32:
            return Stored::float32;
        case Accept::float64:
            return Stored::float64;
        case Accept::boolean:
            return Stored::boolean;
        case Accept::decimal:
            return Stored::decimal;
        case Accept::date:
        case Accept::date32:
            return Stored::date;
        case Accept::datetime:
        case Accept::datetime64:
            return Stored::timestamp;
        case Accept::list:
            return Stored::list;
        case Accept::tuple:
            return Stored::record;
        case Accept::map:
            return Stored::map;
        case Accept::unknown:
        case Accept::text:
        case Accept::inside:
        case Accept::fixed_text:
        case Accept::json:
        case Accept::label:
        case Accept::opaque:
            break;
    }
    return Stored::text;
}

int fraction_digits(const Rule& rule) noexcept {
    return rule.precision <= 3 ? 3 : rule.precision <= 6 ? 6 : 9;
}

void describe(const Rule& rule, const std::string& name, ArrowSchema* schema) {
    ArrowSchemaInit(schema);
    set_type(rule, schema);
    check(ArrowSchemaSetName(schema, name.c_str()));
    if (!rule.nullable) {
        schema->flags &= ~ARROW_FLAG_NULLABLE;
    }
}

std::string type_text(const Rule& rule) {
    OwnedArrowSchema schema;
    describe(rule, "c", schema.out());
    std::string text(1024, '\0');
    text.resize(static_cast<std::size_t>(
        ArrowSchemaToString(schema.get(), text.data(), static_cast<std::int64_t>(text.size()), 1)));
    return text;
}

std::string member_name(const Rule& tuple, std::size_t place) {
    return place < tuple.names.size() ? tuple.names[place] : std::to_string(place + 1);
}

}  // namespace tinybird_cdk::encode::parquet
