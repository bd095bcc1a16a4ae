// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "core/text.hpp"
#include "local/ingest/addresses.hpp"
#include "local/ingest/numbers.hpp"
#include "local/ingest/scalar_columns.hpp"
#include "local/ingest/times.hpp"

namespace tinybird_cdk::local::ingest {

namespace {

using schema::Kind;

template <class T>
std::unique_ptr<Column> integers(bool nullable) {
    return fixed_column<T>(nullable, [](const Field& field, T& value) {
        if (field.kind == Field::Kind::boolean) {
            value = field.text == "true" ? 1 : 0;
            return true;
        }
        return field.kind == Field::Kind::text && read_integer(field.text, value);
    });
}

template <std::size_t Limbs>
std::unique_ptr<Column> wide_integers(bool nullable, bool is_signed) {
    return fixed_column<Wide<Limbs>>(nullable, [is_signed](const Field& field, Wide<Limbs>& value) {
        return field.kind == Field::Kind::text && read_wide<Limbs>(field.text, is_signed, value);
    });
}

template <class T>
std::unique_ptr<Column> floats(bool nullable) {
    return fixed_column<T>(nullable, [](const Field& field, T& value) {
        return field.kind == Field::Kind::text && read_float(field.text, value);
    });
}

template <class T>
std::unique_ptr<Column> small_decimals(const schema::Type& type) {
    return fixed_column<T>(
        type.nullable(), [precision = type.precision(), scale = type.scale()](const Field& field, T& value) {
            std::int64_t number = 0;
            const bool read = field.kind == Field::Kind::text && read_decimal(field.text, precision, scale, number);
            value = static_cast<T>(number);
            return read;
        });
}

template <std::size_t Limbs>
std::unique_ptr<Column> large_decimals(const schema::Type& type) {
    return fixed_column<Wide<Limbs>>(
        type.nullable(), [precision = type.precision(), scale = type.scale()](const Field& field, Wide<Limbs>& value) {
            return field.kind == Field::Kind::text && read_decimal<Limbs>(field.text, precision, scale, value);
        });
}

std::unique_ptr<Column> decimals(const schema::Type& type) {
    // How ClickHouse stores them: 9, 18, 38 and 76 digits.
    if (type.precision() <= 9) {
        return small_decimals<std::int32_t>(type);
    }
    if (type.precision() <= 18) {
        return small_decimals<std::int64_t>(type);
    }
    if (type.precision() <= 38) {
        return large_decimals<2>(type);
    }
    return large_decimals<4>(type);
}

std::unique_ptr<Column> booleans(bool nullable) {
    return fixed_column<std::uint8_t>(nullable, [](const Field& field, std::uint8_t& value) {
        if (field.kind == Field::Kind::nested) {
            return false;
        }
        value = field.text == "true" || field.text == "1" ? 1 : 0;
        return value == 1 || field.text == "false" || field.text == "0";
    });
}

/// @param T of the days, @param first and last day that the type holds
template <class T>
std::unique_ptr<Column> dates(bool nullable, std::int32_t first, std::int32_t last) {
    return fixed_column<T>(nullable, [first, last](const Field& field, T& value) {
        std::int32_t days = 0;
        const bool read = field.kind == Field::Kind::text && read_date(field.text, days);
        value = static_cast<T>(days);
        return read && days >= first && days <= last;
    });
}

bool in_utc(const schema::Type& type) {
    return type.timezone().empty() || type.timezone() == "UTC" || type.timezone() == "Etc/UTC";
}

std::unique_ptr<Column> seconds(const schema::Type& type) {
    return fixed_column<std::uint32_t>(type.nullable(), [utc = in_utc(type)](const Field& field, std::uint32_t& value) {
        std::int64_t ticks = 0;
        const bool read = field.kind == Field::Kind::text && read_timestamp(field.text, 0, utc, ticks);
        value = static_cast<std::uint32_t>(ticks);
        return read && ticks >= 0 && ticks <= std::numeric_limits<std::uint32_t>::max();
    });
}

// 1900-01-01 and 2299-12-31, the days between which ClickHouse promises to know the calendar.
constexpr std::int32_t first_day = -25567;
constexpr std::int32_t last_day = 120529;

std::unique_ptr<Column> ticks(const schema::Type& type) {
    std::int64_t second = 1;
    for (int i = 0; i < type.precision(); ++i) {
        second *= 10;
    }
    constexpr std::int64_t day = 86400;
    return fixed_column<std::int64_t>(type.nullable(), [utc = in_utc(type), precision = type.precision(), second](
                                                           const Field& field, std::int64_t& value) {
        return field.kind == Field::Kind::text && read_timestamp(field.text, precision, utc, value) &&
               value / second / day > first_day && value / second / day < last_day;
    });
}

std::unique_ptr<Column> fixed_texts(const schema::Type& type) {
    class FixedTexts final : public Column {
    public:
        FixedTexts(bool nullable, std::size_t width) : nullable_(nullable), width_(width) {}
        using Column::add;
        bool add(const Field& field) override {
            const bool missing = field.missing();
            if (missing ? !nullable_ : field.kind != Field::Kind::text || field.text.size() > width_) {
                return false;
            }
            const std::string_view text = missing ? std::string_view() : field.text;
            bytes_ += text;
            bytes_.append(width_ - text.size(), '\0');
            if (nullable_) {
                nulls_ += static_cast<char>(missing ? 1 : 0);
            }
            return true;
        }
        void mark() override { marked_ = bytes_.size() / width_; }
        void take_back() override {
            bytes_.resize(marked_ * width_);
            nulls_.resize(nullable_ ? marked_ : 0);
        }
        void clear() override {
            bytes_.clear();
            nulls_.clear();
        }
        void append_data(std::string& out) const override {
            out += nulls_;
            out += bytes_;
        }

    private:
        const bool nullable_;
        const std::size_t width_;
        std::string bytes_;
        std::string nulls_;
        std::size_t marked_ = 0;
    };
    return std::make_unique<FixedTexts>(type.nullable(), static_cast<std::size_t>(type.precision()));
}

template <class T, class Read>
std::unique_ptr<Column> read_texts(bool nullable, Read read) {
    return fixed_column<T>(nullable, [read](const Field& field, T& value) {
        return field.kind == Field::Kind::text && read(field.text, value);
    });
}

}  // namespace

std::unique_ptr<Column> typed_scalar(const schema::Type& plain, Missing missing) {
    const bool nullable = plain.nullable();
    switch (plain.kind()) {
        case Kind::int8:
            return integers<std::int8_t>(nullable);
        case Kind::int16:
            return integers<std::int16_t>(nullable);
        case Kind::int32:
            return integers<std::int32_t>(nullable);
        case Kind::int64:
            return integers<std::int64_t>(nullable);
        case Kind::int128:
            return wide_integers<2>(nullable, true);
        case Kind::int256:
            return wide_integers<4>(nullable, true);
        case Kind::uint8:
            return integers<std::uint8_t>(nullable);
        case Kind::uint16:
            return integers<std::uint16_t>(nullable);
        case Kind::uint32:
            return integers<std::uint32_t>(nullable);
        case Kind::uint64:
            return integers<std::uint64_t>(nullable);
        case Kind::uint128:
            return wide_integers<2>(nullable, false);
        case Kind::uint256:
            return wide_integers<4>(nullable, false);
        case Kind::float32:
            return floats<float>(nullable);
        case Kind::float64:
            return floats<double>(nullable);
        case Kind::decimal:
            return decimals(plain);
        case Kind::boolean:
            return booleans(nullable);
        case Kind::string:
            return text_column_of(nullable, missing, [](const Field&, std::string_view&) { return true; });
        case Kind::fixed_string:
            return fixed_texts(plain);
        case Kind::enum8:
        case Kind::enum16:
            return text_column_of(nullable, Missing::refused,
                                  [labels = plain.names()](const Field& field, std::string_view&) {
                                      return field.kind == Field::Kind::text &&
                                             std::find(labels.begin(), labels.end(), field.text) != labels.end();
                                  });
        case Kind::uuid:
            return read_texts<std::array<std::uint64_t, 2>>(nullable, read_uuid);
        case Kind::ipv4:
            return read_texts<std::uint32_t>(nullable, read_ipv4);
        case Kind::ipv6:
            return read_texts<std::array<unsigned char, 16>>(nullable, read_ipv6);
        case Kind::date:
            return dates<std::uint16_t>(nullable, 0, std::numeric_limits<std::uint16_t>::max());
        case Kind::date32:
            return dates<std::int32_t>(nullable, first_day, last_day);
        case Kind::datetime:
            return seconds(plain);
        case Kind::datetime64:
            return ticks(plain);
        default:
            return nullptr;
    }
}

}  // namespace tinybird_cdk::local::ingest
