// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/buffer.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk {

/// A kind of value that can't go to every target unchanged.
enum class Hazard : std::uint8_t {
    nan,            ///< NaN, of a float or of a decimal
    infinity,       ///< ±Infinity of a float, a decimal, a date or a timestamp
    date_range,     ///< a date outside the target's years, or before year 1 (BC)
    zero_date,      ///< 0000-00-00 and its kin
    number_range,   ///< a number the target type can't hold
    invalid_utf8,   ///< text that is not UTF-8
    duplicate_key,  ///< a JSON object that names a key twice, on its way into a JSON column
};
inline constexpr std::size_t hazard_count = 7;

/// What to do with such a value.
enum class HazardPolicy : std::uint8_t {
    error,  ///< refuse the load, naming column, row and value (the default)
    null,   ///< write NULL
    text,   ///< write the source's own notation as text ("NaN", "infinity", "0044-03-15 BC"); for invalid UTF-8:
            ///< each bad byte becomes U+FFFD; for duplicate keys: the document goes as it is
    clamp,  ///< write the nearest value the target can hold (dates, timestamps, numbers)
};

std::string_view name(Hazard hazard) noexcept;
std::string_view name(HazardPolicy policy) noexcept;

/// One policy per hazard. A hazard is only one where the target can't hold the value: a NaN bound for a Float64
/// column, or a BC date bound for a String column, passes unchanged whatever the policy says.
class HazardPolicies {
public:
    [[nodiscard]] HazardPolicy get(Hazard hazard) const noexcept { return policies_[static_cast<std::size_t>(hazard)]; }
    /// @throws errors::InvalidArgument where the policy makes no sense for the hazard (clamp a NaN)
    void set(Hazard hazard, HazardPolicy policy);
    /// As the command line writes it: "nan=null", "date_range=clamp". @throws errors::InvalidArgument
    void set(std::string_view assignment);

private:
    std::array<HazardPolicy, hazard_count> policies_{};
};

/// A column of what is written.
struct OutputColumn {
    std::string name;
    /// The type of the column it goes to, where that is known: values are then checked against it, and notation is
    /// chosen for it. Unknown: every hazard is one.
    std::optional<schema::Type> target;
    /// The source guarantees that its text is UTF-8 (PostgreSQL with client_encoding UTF8 does): not checked again.
    bool valid_utf8 = false;
};

struct RowWriterOptions {
    Format format = Format::csv;
    /// CSV only: begin with a line of column names, so that Tinybird matches by name, not by position.
    bool header = false;
    HazardPolicies hazards{};
    /// Compute the order-free checksum of each column while writing.
    bool checksums = false;
    /// Bytes at which a block goes to the sink. A row never spans less than it needs: blocks end at row ends, and a
    /// longer row makes its block grow.
    std::size_t block_bytes = 256 * 1024;
    /// Parquet only, for CSV and NDJSON may be cut at any block: a file has at most so many bytes, and further rows go
    /// into further files (Buffer::ends_file). Nothing: one file.
    std::optional<std::uint64_t> file_bytes = std::nullopt;
};

/// What a writer saw of one column.
struct ColumnStatistics {
    std::uint64_t nulls = 0;
    /// With RowWriterOptions::checksums: the sum modulo 2^64 of xxHash64 (seed 0) over the non-NULL top-level values,
    /// so that the order of rows does not matter. A value's text is hashed in a form of which it has only one
    /// (decimals with all digits of their type, floats as their bits, …; ADR 0013); without a target type, or for types
    /// that have no such form, as it stands in the output before quoting and escaping.
    std::uint64_t checksum = 0;
    /// Checksum, lowest and highest can be compared with the data source's.
    bool comparable = false;
    /// In the same form; of text the first 64 bytes. Nothing when there was no value, and for floats no number.
    std::optional<std::string> lowest = {};
    std::optional<std::string> highest = {};
};

struct RowStatistics {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::vector<ColumnStatistics> columns;
};

/// Takes typed values row by row and writes them in the format asked for, straight into blocks of bytes.
///
/// For each row: `begin_row()`, one value call per column in their order, `end_row()`. A value call between
/// `begin_list()` and `end_list()` (or inside a struct or map) belongs to that. Values never change on the way: what
/// a target can't hold is a hazard, and its policy decides.
///
/// Not thread-safe: one thread writes. All calls may throw errors::RefusedValueError (a hazard with policy `error`),
/// errors::Error for calls out of order (a bug of the connector), and what the sink throws. After a throw the writer
/// is of no more use.
///
/// Parquet gathers the rows of a group in memory, about 2 MB, before they are written.
///
/// No call is virtual: each is one predictable branch on the format, for there are about 10^7 values a second.
class RowWriter {
public:
    /// @param sink must outlive the writer
    /// @throws errors::InvalidArgument without columns, errors::UnsupportedFormatError for a format that is not built
    RowWriter(std::vector<OutputColumn> columns, const RowWriterOptions& options, BufferSink& sink);
    ~RowWriter();
    RowWriter(const RowWriter&) = delete;
    RowWriter& operator=(const RowWriter&) = delete;

    void begin_row();
    void end_row();
    /// Hands the last block to the sink. To be called once, after the last row; without it nothing is complete.
    void finish();

    void null();
    void boolean(bool value);
    void int64(std::int64_t value);
    void uint64(std::uint64_t value);
    /// An integer of any size: an optional '-' and digits, no leading zeros.
    void integer(std::string_view digits);
    /// A decimal as its digits ("-0.10"), or "NaN", "Infinity", "-Infinity".
    void decimal(std::string_view digits);
    /// Written with the fewest digits that give the same float back.
    void float32(float value);
    void float64(double value);
    /// Text, taken as UTF-8. Empty text and NULL stay different in every format.
    void text(std::string_view value);
    /// Bytes, written as base64 (RFC 4648 §4, padded).
    void binary(std::span<const std::byte> value);
    /// A date in the proleptic Gregorian calendar. @param days since 1970-01-01
    void date(std::int64_t days);
    /// A time of day or a duration as [-]HH:MM:SS[.fraction]. @param nanoseconds may be beyond 24 h
    void time(std::int64_t nanoseconds);
    /// The same with the offset of its zone behind it, as in "04:05:06+02". @param offset_seconds east of Greenwich
    void time(std::int64_t nanoseconds, std::int32_t offset_seconds);
    enum class Zone : std::uint8_t {
        none,  ///< a local date and time; written as it stands
        utc    ///< an instant; written in UTC (with "+00" behind it where the target is a String column)
    };
    /// `YYYY-MM-DD HH:MM:SS[.fraction]`, quoted where the format has quotes. The fraction has as many digits as it
    /// needs. Checked against the precision and the years of the target.
    /// @param seconds since 1970-01-01 00:00:00, @param nanoseconds 0 to 999,999,999, added to the seconds
    void timestamp(std::int64_t seconds, std::uint32_t nanoseconds, Zone zone);
    /// The ±infinity that PostgreSQL's dates and timestamps may have.
    void infinite_date(bool negative);
    /// A date or timestamp that is none (MySQL's 0000-00-00), in the source's notation.
    void zero_date(std::string_view notation);
    /// PostgreSQL's notation ("1 year 2 mons -3 days 04:05:06.789"): the three parts don't convert into each other.
    void interval(std::int32_t months, std::int32_t days, std::int64_t microseconds);
    void uuid(std::span<const std::byte, 16> value);
    /// A JSON document, valid, in the source's own text: kept byte for byte in a String column (a JSON string in
    /// NDJSON), embedded as a value for a JSON column.
    void json(std::string_view document);

    void begin_list();
    void end_list();
    /// A record. Each member: `field(name)`, then its value.
    void begin_struct();
    void field(std::string_view name);
    void end_struct();
    /// A map. Keys and values alternate: `key` is a value call of its own (text or integer).
    void begin_map();
    void end_map();

    /// What was written so far.
    [[nodiscard]] RowStatistics statistics() const;
    [[nodiscard]] std::span<const OutputColumn> columns() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tinybird_cdk
