// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/record_batches.hpp>

#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nanoarrow/nanoarrow.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk {

namespace {

constexpr const char* date_remark = "years 1900 to 2299";

int fraction_digits(ArrowTimeUnit unit) noexcept {
    switch (unit) {
        case NANOARROW_TIME_UNIT_SECOND:
            return 0;
        case NANOARROW_TIME_UNIT_MILLI:
            return 3;
        case NANOARROW_TIME_UNIT_MICRO:
            return 6;
        default:
            return 9;
    }
}

SuggestedType decimal_type(const ArrowSchemaView& type) {
    // A negative scale is zeros before the point.
    const int scale = type.decimal_scale < 0 ? 0 : type.decimal_scale;
    const int precision = type.decimal_precision + (type.decimal_scale < 0 ? -type.decimal_scale : 0);
    if (precision > 76 || scale > precision) {
        return {schema::String(), "more digits than a Decimal: kept as its digits"};
    }
    return {schema::Decimal(precision, scale), {}};
}

SuggestedType element_of(const ArrowSchema& list) {
    SuggestedType element = suggest_type(*list.children[0]);
    element.type = schema::Array(element.type);
    return element;
}

SuggestedType map_type(const ArrowSchema& map) {
    const ArrowSchema& entries = *map.children[0];
    const SuggestedType key = suggest_type(*entries.children[0], false);
    const SuggestedType value = suggest_type(*entries.children[1]);
    switch (key.type.kind()) {
        // What ClickHouse takes as a key and the formats write exactly.
        case schema::Kind::string:
        case schema::Kind::int8:
        case schema::Kind::int16:
        case schema::Kind::int32:
        case schema::Kind::int64:
        case schema::Kind::uint8:
        case schema::Kind::uint16:
        case schema::Kind::uint32:
        case schema::Kind::uint64:
            return {schema::Map(key.type, value.type), value.remark};
        default:
            return {schema::String(), "a map, as JSON text"};
    }
}

SuggestedType extension_type(std::string_view name, std::string_view metadata) {
    if (name == "arrow.uuid") {
        return {schema::UUID(), {}};
    }
    if (name == "arrow.json") {
        return {schema::String(), "JSON text"};
    }
    if (name == "arrow.bool8") {
        return {schema::Bool(), {}};
    }
    const auto is = [&](const char* type) {
        return metadata.find(fmt::format("\"{}\"", type)) != std::string_view::npos;
    };
    if (is("hugeint")) {
        return {schema::Int128(), {}};
    }
    if (is("uhugeint")) {
        return {schema::UInt128(), {}};
    }
    return {schema::String(), is("numeric") ? "numeric without precision: kept as its digits" : ""};
}

SuggestedType plain_type(const ArrowSchemaView& type) {
    switch (type.type) {
        case NANOARROW_TYPE_BOOL:
            return {schema::Bool(), {}};
        case NANOARROW_TYPE_INT8:
            return {schema::Int8(), {}};
        case NANOARROW_TYPE_INT16:
            return {schema::Int16(), {}};
        case NANOARROW_TYPE_INT32:
            return {schema::Int32(), {}};
        case NANOARROW_TYPE_INT64:
            return {schema::Int64(), {}};
        case NANOARROW_TYPE_UINT8:
            return {schema::UInt8(), {}};
        case NANOARROW_TYPE_UINT16:
            return {schema::UInt16(), {}};
        case NANOARROW_TYPE_UINT32:
            return {schema::UInt32(), {}};
        case NANOARROW_TYPE_UINT64:
            return {schema::UInt64(), {}};
        case NANOARROW_TYPE_HALF_FLOAT:
        case NANOARROW_TYPE_FLOAT:
            return {schema::Float32(), {}};
        case NANOARROW_TYPE_DOUBLE:
            return {schema::Float64(), {}};
        case NANOARROW_TYPE_DECIMAL32:
        case NANOARROW_TYPE_DECIMAL64:
        case NANOARROW_TYPE_DECIMAL128:
        case NANOARROW_TYPE_DECIMAL256:
            return decimal_type(type);
        case NANOARROW_TYPE_DATE32:
        case NANOARROW_TYPE_DATE64:
            return {schema::Date32(), date_remark};
        case NANOARROW_TYPE_TIMESTAMP: {
            const int digits = fraction_digits(type.time_unit);
            const bool instant = type.timezone != nullptr && *type.timezone != '\0';
            return {schema::DateTime64(digits, instant ? "UTC" : ""), digits == 9 ? "years 1900 to 2262" : date_remark};
        }
        case NANOARROW_TYPE_BINARY:
        case NANOARROW_TYPE_LARGE_BINARY:
        case NANOARROW_TYPE_BINARY_VIEW:
        case NANOARROW_TYPE_FIXED_SIZE_BINARY:
            return {schema::String(), "base64"};
        case NANOARROW_TYPE_LIST:
        case NANOARROW_TYPE_LARGE_LIST:
        case NANOARROW_TYPE_FIXED_SIZE_LIST:
        case NANOARROW_TYPE_LIST_VIEW:
        case NANOARROW_TYPE_LARGE_LIST_VIEW:
            return element_of(*type.schema);
        case NANOARROW_TYPE_MAP:
            return map_type(*type.schema);
        case NANOARROW_TYPE_STRUCT:
            return {schema::String(), "a record, as JSON text"};
        case NANOARROW_TYPE_SPARSE_UNION:
        case NANOARROW_TYPE_DENSE_UNION:
            return {schema::String(), "of several types: kept as text"};
        case NANOARROW_TYPE_RUN_END_ENCODED:
            return suggest_type(*type.schema->children[1]);
        default:
            return {schema::String(), {}};
    }
}

}  // namespace

SuggestedType suggest_type(const ArrowSchema& column, std::optional<bool> nullable) {
    ArrowSchemaView type;
    ArrowError error{};
    if (ArrowSchemaViewInit(&type, &column, &error) != NANOARROW_OK) {
        throw errors::ExternalDatasourceError(fmt::format("the Arrow type of \"{}\" can't be read: {}",
                                                          column.name == nullptr ? "" : column.name, error.message));
    }
    const auto view = [](ArrowStringView text) {
        return text.data == nullptr ? std::string_view()
                                    : std::string_view(text.data, static_cast<std::size_t>(text.size_bytes));
    };
    const std::string_view extension = view(type.extension_name);
    SuggestedType suggested;
    if (type.type == NANOARROW_TYPE_DICTIONARY) {
        suggested = suggest_type(*column.dictionary, false);
        if (suggested.type.kind() == schema::Kind::string) {
            suggested.type = schema::LowCardinality(suggested.type);
        }
    } else if (extension == "arrow.uuid" || extension == "arrow.json" || extension == "arrow.bool8" ||
               extension == "arrow.opaque") {
        suggested = extension_type(extension, view(type.extension_metadata));
    } else {
        suggested = plain_type(type);
    }
    const bool may_be_null = nullable.value_or((column.flags & ARROW_FLAG_NULLABLE) != 0);
    suggested.type = suggested.type.with_nullable(may_be_null || type.type == NANOARROW_TYPE_NA);
    const schema::Kind kind = suggested.type.kind();
    if (may_be_null && (kind == schema::Kind::array || kind == schema::Kind::map)) {
        suggested.remark += suggested.remark.empty() ? "NULL does not fit" : "; NULL does not fit";
    }
    return suggested;
}

}  // namespace tinybird_cdk
