// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/source_limits.hpp>

/// Loads of what is new. There is no state store: the data source itself tells how far the last load came.
namespace tinybird_cdk {

/// How far a cursor column stays behind: seconds for dates and times, units for numbers.
class Lag {
public:
    Lag() = default;
    explicit Lag(std::chrono::seconds time) : amount_(time) {}
    explicit Lag(std::int64_t units) : amount_(units) {}
    /// "90s", "15m", "1h", "7d", or a plain number of units. @throws errors::InvalidArgument
    static Lag parse(std::string_view text);

    /// None was given.
    [[nodiscard]] bool none() const noexcept { return std::holds_alternative<std::monostate>(amount_); }
    /// @throws errors::InvalidArgument when it is one of units
    [[nodiscard]] std::chrono::seconds time() const;
    /// @throws errors::InvalidArgument when it is one of time
    [[nodiscard]] std::int64_t units() const;

private:
    std::variant<std::monostate, std::chrono::seconds, std::int64_t> amount_;
};

/// What makes a load incremental.
struct Incremental {
    /// A column of the query whose values grow (`updated_at`, `id`), and the data source's column of the same name.
    std::string column;
    /// `append`: leaves rows this near to the end for the next load, where the source can't tell by itself which rows
    /// may still come. `replace`: how far back rows are loaded again, so that late ones are corrected.
    Lag lag;
};

/// Values of a cursor column, written as ClickHouse writes them: digits, YYYY-MM-DD, or YYYY-MM-DD HH:MM:SS[.fraction]
/// in UTC.
struct CursorRange {
    std::optional<std::string> from;  ///< nothing: from the first row
    bool from_inclusive = false;
    std::optional<std::string> to;  ///< nothing: to the last row
    bool to_inclusive = false;
    bool empty = false;  ///< no row at all
};

/// How a cursor column is compared.
enum class CursorKind { number, day, moment };

/// What a connector is asked: how far may be read such that no row with a lower value can appear later?
struct CursorRequest {
    std::string query;
    ResultColumn column;  ///< of the query
    CursorKind kind = CursorKind::number;
    Lag lag;
    std::stop_token stop;
    SourceLimits limits = {};
};

struct CursorBound {
    std::optional<std::string> to;  ///< nothing: there is no row that may be read
    bool inclusive = false;
    std::vector<std::string> remarks;  ///< what people should know, as in "rows without a value are never read"
};

/// What an incremental load read.
struct IncrementalRange {
    CursorRange range;
    std::string query;              ///< with the range in it
    std::string replace_condition;  ///< of a replace: the same rows in the data source; empty: it was empty
    std::vector<std::string> remarks;
};

}  // namespace tinybird_cdk
