// SPDX-License-Identifier: Apache-2.0
#include "arrow_scalars.hpp"

#include <cstddef>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "moments.hpp"
#include "notation.hpp"

namespace tinybird_cdk::bigquery {

namespace {

constexpr std::int64_t micro = 1'000'000;
constexpr std::int64_t nanoseconds_of_a_microsecond = 1'000;
constexpr std::int64_t microseconds_of_a_day = 86'400 * micro;
/// 0001-01-01 and 9999-12-31, since 1970-01-01.
constexpr std::int64_t first_day = -719'162;
constexpr std::int64_t last_day = 2'932'896;

/// @param kind for messages
[[noreturn]] void refuse_value(std::string_view kind, std::int64_t value) {
    throw errors::ExternalDatasourceError(fmt::format("BigQuery: {} is no value of a column of {}", value, kind));
}

std::string_view text_at(const ArrowArrayView& array, std::int64_t row) {
    const ArrowStringView text = ArrowArrayViewGetStringUnsafe(&array, row);
    return text.size_bytes == 0 ? std::string_view()
                                : std::string_view(text.data, static_cast<std::size_t>(text.size_bytes));
}

Moment moment_at(const ArrowArrayView& array, std::int64_t row) {
    const std::int64_t microseconds = ArrowArrayViewGetIntUnsafe(&array, row);
    if (microseconds < first_day * microseconds_of_a_day || microseconds >= (last_day + 1) * microseconds_of_a_day) {
        refuse_value("TIMESTAMP or DATETIME", microseconds);
    }
    std::int64_t seconds = microseconds / micro;
    std::int64_t rest = microseconds % micro;
    if (rest < 0) {
        --seconds;
        rest += micro;
    }
    return {.seconds = seconds, .nanoseconds = static_cast<std::uint32_t>(rest * nanoseconds_of_a_microsecond)};
}

std::int64_t day_at(const ArrowArrayView& array, std::int64_t row) {
    const std::int64_t days = ArrowArrayViewGetIntUnsafe(&array, row);
    if (days < first_day || days > last_day) {
        refuse_value("DATE", days);
    }
    return days;
}

/// A value that is not NULL.
template <class Write>
class Scalars final : public ArrowColumn {
public:
    explicit Scalars(Write write) : write_(std::move(write)) {}

    void write(RowWriter& writer, const ArrowArrayView& array, std::int64_t row) override {
        if (ArrowArrayViewIsNull(&array, row) != 0) {
            writer.null();
        } else {
            write_(writer, array, row);
        }
    }

private:
    const Write write_;
};

template <class Write>
std::unique_ptr<ArrowColumn> scalars(Write write) {
    return std::make_unique<Scalars<Write>>(std::move(write));
}

/// NUMERIC and BIGNUMERIC. A BIGNUMERIC has up to 77 digits in the 256 bits of a decimal of 76.
class Decimals final : public ArrowColumn {
public:
    explicit Decimals(const ArrowSchemaView& type) {
        ArrowDecimalInit(&decimal_, type.decimal_bitwidth, type.decimal_precision, type.decimal_scale);
        ArrowBufferInit(&digits_);
    }
    ~Decimals() override { ArrowBufferReset(&digits_); }

    void write(RowWriter& writer, const ArrowArrayView& array, std::int64_t row) override {
        if (ArrowArrayViewIsNull(&array, row) != 0) {
            writer.null();
            return;
        }
        ArrowArrayViewGetDecimalUnsafe(&array, row, &decimal_);
        digits_.size_bytes = 0;
        if (ArrowDecimalAppendStringToBuffer(&decimal_, &digits_) != NANOARROW_OK) {
            throw std::bad_alloc();
        }
        writer.decimal(
            decimal_text({reinterpret_cast<const char*>(digits_.data), static_cast<std::size_t>(digits_.size_bytes)}));
    }

private:
    ArrowDecimal decimal_{};
    ArrowBuffer digits_{};
};

std::unique_ptr<ArrowColumn> make_texts(const Field& field) {
    if (field.type == "JSON") {
        return scalars(
            [](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) { writer.json(text_at(array, row)); });
    }
    if (field.type == "INTERVAL") {
        return scalars([](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) {
            const std::string_view text = text_at(array, row);
            const auto interval = interval_of(text);
            if (!interval) {
                throw errors::ExternalDatasourceError(
                    fmt::format("BigQuery: {} is no value of a column of INTERVAL", text));
            }
            writer.interval(interval->months, interval->days, interval->microseconds);
        });
    }
    return scalars(
        [](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) { writer.text(text_at(array, row)); });
}

std::unique_ptr<ArrowColumn> make_intervals() {
    return scalars([](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) {
        ArrowInterval interval;
        ArrowIntervalInit(&interval, NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO);
        ArrowArrayViewGetIntervalUnsafe(&array, row, &interval);
        if (interval.ns % nanoseconds_of_a_microsecond != 0) {
            refuse_value("INTERVAL", interval.ns);
        }
        writer.interval(interval.months, interval.days, interval.ns / nanoseconds_of_a_microsecond);
    });
}

std::unique_ptr<ArrowColumn> make_times() {
    return scalars([](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) {
        const std::int64_t microseconds = ArrowArrayViewGetIntUnsafe(&array, row);
        if (microseconds < 0 || microseconds >= microseconds_of_a_day) {
            refuse_value("TIME", microseconds);
        }
        writer.time(microseconds * nanoseconds_of_a_microsecond);
    });
}

std::unique_ptr<ArrowColumn> make_timestamps(RowWriter::Zone zone) {
    return scalars([zone](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) {
        const Moment moment = moment_at(array, row);
        writer.timestamp(moment.seconds, moment.nanoseconds, zone);
    });
}

bool is_moment(const ArrowSchemaView& type, bool is_instant) {
    const bool has_zone = type.timezone != nullptr && *type.timezone != '\0';
    return type.type == NANOARROW_TYPE_TIMESTAMP && type.time_unit == NANOARROW_TIME_UNIT_MICRO &&
           has_zone == is_instant;
}

/// What one of SQL's words is in Arrow. @param element of a range
bool is_bound(const std::string& element, const ArrowSchemaView& type) {
    return element == "DATE" ? type.type == NANOARROW_TYPE_DATE32 : is_moment(type, element == "TIMESTAMP");
}

std::unique_ptr<ArrowColumn> make_ranges(const Field& field, const ArrowSchema& schema, const ArrowSchemaView& type) {
    if (type.type != NANOARROW_TYPE_STRUCT || schema.n_children != 2) {
        refuse_arrow_type(field, schema);
    }
    for (const ArrowSchema* const child : std::span<ArrowSchema* const>(schema.children, 2)) {
        ArrowSchemaView bound;
        if (ArrowSchemaViewInit(&bound, child, nullptr) != NANOARROW_OK || !is_bound(field.range_element, bound)) {
            refuse_arrow_type(field, *child);
        }
    }
    return scalars([element = field.range_element](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) {
        const auto bound = [&](const ArrowArrayView& values) -> std::optional<std::string> {
            const std::int64_t at = array.offset + row;
            if (ArrowArrayViewIsNull(&values, at) != 0) {
                return std::nullopt;
            }
            return element == "DATE" ? date_bound(day_at(values, at))
                                     : moment_bound(moment_at(values, at), element == "TIMESTAMP");
        };
        writer.text(range_text(bound(*array.children[0]), bound(*array.children[1])));
    });
}

/// Nothing: the types don't fit.
std::unique_ptr<ArrowColumn> make_number(const Field& field, const ArrowSchemaView& type) {
    const std::string& sql = field.type;
    if (sql == "INT64" && type.type == NANOARROW_TYPE_INT64) {
        return scalars([](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) {
            writer.int64(ArrowArrayViewGetIntUnsafe(&array, row));
        });
    }
    if (sql == "FLOAT64" && type.type == NANOARROW_TYPE_DOUBLE) {
        return scalars([](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) {
            writer.float64(ArrowArrayViewGetDoubleUnsafe(&array, row));
        });
    }
    if (sql == "BOOL" && type.type == NANOARROW_TYPE_BOOL) {
        return scalars([](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) {
            writer.boolean(ArrowArrayViewGetIntUnsafe(&array, row) != 0);
        });
    }
    if ((sql == "NUMERIC" || sql == "BIGNUMERIC") &&
        (type.type == NANOARROW_TYPE_DECIMAL128 || type.type == NANOARROW_TYPE_DECIMAL256)) {
        return std::make_unique<Decimals>(type);
    }
    return nullptr;
}

std::unique_ptr<ArrowColumn> make_time(const Field& field, const ArrowSchemaView& type) {
    const std::string& sql = field.type;
    if (sql == "DATE" && type.type == NANOARROW_TYPE_DATE32) {
        return scalars(
            [](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) { writer.date(day_at(array, row)); });
    }
    if (sql == "TIME" && type.type == NANOARROW_TYPE_TIME64 && type.time_unit == NANOARROW_TIME_UNIT_MICRO) {
        return make_times();
    }
    if (sql == "TIMESTAMP" && is_moment(type, true)) {
        return make_timestamps(RowWriter::Zone::utc);
    }
    if (sql == "DATETIME" && is_moment(type, false)) {
        return make_timestamps(RowWriter::Zone::none);
    }
    if (sql == "INTERVAL" && type.type == NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO) {
        return make_intervals();
    }
    return nullptr;
}

std::unique_ptr<ArrowColumn> make_text(const Field& field, const ArrowSchemaView& type) {
    const std::string& sql = field.type;
    if (sql == "BYTES" && type.type == NANOARROW_TYPE_BINARY) {
        return scalars([](RowWriter& writer, const ArrowArrayView& array, std::int64_t row) {
            const ArrowBufferView bytes = ArrowArrayViewGetBytesUnsafe(&array, row);
            writer.binary({static_cast<const std::byte*>(bytes.data.data), static_cast<std::size_t>(bytes.size_bytes)});
        });
    }
    const bool is_text = sql == "STRING" || sql == "JSON" || sql == "GEOGRAPHY" || sql == "INTERVAL";
    if (!is_text || type.type != NANOARROW_TYPE_STRING) {
        return nullptr;
    }
    return make_texts(field);
}

}  // namespace

std::unique_ptr<ArrowColumn> make_arrow_scalar(const Field& field, const ArrowSchema& schema) {
    ArrowSchemaView type;
    if (ArrowSchemaViewInit(&type, &schema, nullptr) != NANOARROW_OK) {
        refuse_arrow_type(field, schema);
    }
    if (field.type == "RANGE") {
        return make_ranges(field, schema, type);
    }
    std::unique_ptr<ArrowColumn> column = make_number(field, type);
    if (!column) {
        column = make_time(field, type);
    }
    if (!column) {
        column = make_text(field, type);
    }
    if (!column) {
        refuse_arrow_type(field, schema);
    }
    return column;
}

}  // namespace tinybird_cdk::bigquery
