// SPDX-License-Identifier: Apache-2.0
#include "encode/arrow/values.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "encode/dates.hpp"

namespace tinybird_cdk::encode {

namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

std::int64_t units_per_second(ArrowTimeUnit unit) noexcept {
    switch (unit) {
        case NANOARROW_TIME_UNIT_SECOND:
            return 1;
        case NANOARROW_TIME_UNIT_MILLI:
            return 1'000;
        case NANOARROW_TIME_UNIT_MICRO:
            return 1'000'000;
        default:
            return nanoseconds_per_second;
    }
}

/// A count of units as whole seconds and what is above them.
struct Split {
    std::int64_t seconds;
    std::int64_t nanoseconds;  ///< 0 to 999,999,999
};

constexpr Split split(std::int64_t count, std::int64_t per_second) noexcept {
    std::int64_t seconds = count / per_second;
    std::int64_t rest = count % per_second;
    if (rest < 0) {
        --seconds;
        rest += per_second;
    }
    return {seconds, rest * (nanoseconds_per_second / per_second)};
}

class Days final : public ArrowValues {
public:
    explicit Days(const ArrowDialect& dialect) : infinite_(dialect.infinite_dates) {}

private:
    void write_value(RowWriter& writer, std::int64_t index) override {
        const std::int64_t days = ArrowArrayViewGetIntUnsafe(&array(), index);
        constexpr std::int64_t infinity = std::numeric_limits<std::int32_t>::max();
        if (infinite_ && (days == infinity || days == -infinity)) {
            writer.infinite_date(days < 0);
        } else {
            writer.date(days);
        }
    }

    const bool infinite_;
};

/// date64 counts milliseconds. Those of whole days are the only ones that Arrow allows; a time of day that is there
/// all the same is not cut off.
class MillisecondDates final : public ArrowValues {
    void write_value(RowWriter& writer, std::int64_t index) override {
        const Split moment = split(ArrowArrayViewGetIntUnsafe(&array(), index), 1'000);
        if (moment.nanoseconds == 0 && moment.seconds % seconds_per_day == 0) {
            writer.date(moment.seconds / seconds_per_day);
        } else {
            writer.timestamp(moment.seconds, static_cast<std::uint32_t>(moment.nanoseconds), RowWriter::Zone::none);
        }
    }
};

class Timestamps final : public ArrowValues {
public:
    /// With a time zone, whatever its name, the count is that of an instant; without, of a local time.
    Timestamps(const ArrowSchemaView& type, const ArrowDialect& dialect)
        : infinite_(dialect.infinite_dates),
          per_second_(units_per_second(type.time_unit)),
          zone_(type.timezone != nullptr && *type.timezone != '\0' ? RowWriter::Zone::utc : RowWriter::Zone::none) {}

private:
    void write_value(RowWriter& writer, std::int64_t index) override {
        const std::int64_t count = ArrowArrayViewGetIntUnsafe(&array(), index);
        constexpr std::int64_t infinity = std::numeric_limits<std::int64_t>::max();
        if (infinite_ && (count == infinity || count == -infinity)) {
            writer.infinite_date(count < 0);
            return;
        }
        const Split moment = split(count, per_second_);
        writer.timestamp(moment.seconds, static_cast<std::uint32_t>(moment.nanoseconds), zone_);
    }

    const bool infinite_;
    const std::int64_t per_second_;
    const RowWriter::Zone zone_;
};

/// Times of day and durations.
class Times final : public ArrowValues {
public:
    explicit Times(const ArrowSchemaView& type) : per_second_(units_per_second(type.time_unit)) {}

private:
    void write_value(RowWriter& writer, std::int64_t index) override {
        const std::int64_t count = ArrowArrayViewGetIntUnsafe(&array(), index);
        const std::int64_t factor = nanoseconds_per_second / per_second_;
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
        if (count <= most / factor && count >= -(most / factor)) {
            writer.time(count * factor);
        } else {
            writer.text(long_duration(count));
        }
    }

    /// More than the 292 years that fit into nanoseconds, in the same notation.
    [[nodiscard]] std::string long_duration(std::int64_t count) const {
        const bool negative = count < 0;
        const std::uint64_t magnitude =
            negative ? ~static_cast<std::uint64_t>(count) + 1 : static_cast<std::uint64_t>(count);
        const auto per_second = static_cast<std::uint64_t>(per_second_);
        const std::uint64_t seconds = magnitude / per_second;
        std::string text =
            fmt::format("{}{}:{:02}:{:02}", negative ? "-" : "", seconds / 3600, seconds / 60 % 60, seconds % 60);
        const std::uint64_t rest = magnitude % per_second;
        if (rest != 0) {
            std::string fraction = std::to_string(per_second + rest).substr(1);
            fraction.resize(fraction.find_last_not_of('0') + 1);
            text += "." + fraction;
        }
        return text;
    }

    const std::int64_t per_second_;
};

/// In PostgreSQL's notation, as everywhere in the kit; nanoseconds stay.
class Intervals final : public ArrowValues {
public:
    explicit Intervals(const ArrowSchemaView& type) { ArrowIntervalInit(&interval_, type.type); }

private:
    void write_value(RowWriter& writer, std::int64_t index) override {
        if (interval_.type == NANOARROW_TYPE_INTERVAL_MONTHS) {
            writer.interval(static_cast<std::int32_t>(ArrowArrayViewGetIntUnsafe(&array(), index)), 0, 0);
            return;
        }
        ArrowArrayViewGetIntervalUnsafe(&array(), index, &interval_);
        if (interval_.type == NANOARROW_TYPE_INTERVAL_DAY_TIME) {
            writer.interval(0, interval_.days, std::int64_t{interval_.ms} * 1000);
        } else if (interval_.ns % 1000 == 0) {
            writer.interval(interval_.months, interval_.days, interval_.ns / 1000);
        } else {
            writer.text(with_nanoseconds());
        }
    }

    [[nodiscard]] std::string with_nanoseconds() const {
        char text[longest_date_text];
        std::string result;
        if (interval_.months != 0 || interval_.days != 0) {
            // With one microsecond of the same sign, which is cut off again: what stays ends where the time begins.
            const char* const end = write_interval(text, interval_.months, interval_.days, interval_.ns < 0 ? -1 : 1);
            result = std::string(text, static_cast<std::size_t>(end - text));
            const std::size_t time = result.find_last_of(' ') + 1;
            result.resize(result[time] == '+' ? time + 1 : time);
        }
        const char* const end = write_time(text, interval_.ns);
        return result.append(text, static_cast<std::size_t>(end - text));
    }

    ArrowInterval interval_{};
};

}  // namespace

std::unique_ptr<ArrowValues> make_time_values(const ArrowSchemaView& type, const ArrowDialect& dialect) {
    switch (type.type) {
        case NANOARROW_TYPE_DATE32:
            return std::make_unique<Days>(dialect);
        case NANOARROW_TYPE_DATE64:
            return std::make_unique<MillisecondDates>();
        case NANOARROW_TYPE_TIMESTAMP:
            return std::make_unique<Timestamps>(type, dialect);
        case NANOARROW_TYPE_TIME32:
        case NANOARROW_TYPE_TIME64:
        case NANOARROW_TYPE_DURATION:
            return std::make_unique<Times>(type);
        case NANOARROW_TYPE_INTERVAL_MONTHS:
        case NANOARROW_TYPE_INTERVAL_DAY_TIME:
        case NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO:
            return std::make_unique<Intervals>(type);
        default:
            return nullptr;
    }
}

}  // namespace tinybird_cdk::encode
