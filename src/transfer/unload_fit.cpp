// SPDX-License-Identifier: Apache-2.0
#include "transfer/unload_fit.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/schema.hpp>
#include <tinybird_cdk/schema_compare.hpp>

#include "transfer/column_match.hpp"

namespace tinybird_cdk::transfer {

namespace {

using schema::Kind;
using schema::Type;

/// Types of one family are written alike. Between families a value keeps its meaning only when the kit's own writer
/// chooses the notation (an instant in a String column has its zone behind it, true is 1 in an Int8).
enum class Family { integer, floating, decimal, day, moment, other };

Family family_of(Kind kind) {
    switch (kind) {
        case Kind::int8:
        case Kind::int16:
        case Kind::int32:
        case Kind::int64:
        case Kind::int128:
        case Kind::int256:
        case Kind::uint8:
        case Kind::uint16:
        case Kind::uint32:
        case Kind::uint64:
        case Kind::uint128:
        case Kind::uint256:
            return Family::integer;
        case Kind::float32:
        case Kind::float64:
            return Family::floating;
        case Kind::decimal:
            return Family::decimal;
        case Kind::date:
        case Kind::date32:
            return Family::day;
        case Kind::datetime:
        case Kind::datetime64:
            return Family::moment;
        default:
            return Family::other;
    }
}

bool is_utc(std::string_view timezone) {
    return timezone.empty() || timezone == "UTC" || timezone == "Etc/UTC";
}

/// Why the notation of the one is not that of the other; empty: it is.
// Types are as deep as they are written.
std::string difference(const Type& from, const Type& to) {  // NOLINT(misc-no-recursion)
    const Family family = family_of(from.kind());
    const Family target = family_of(to.kind());
    const bool alike = family == Family::other
                           ? from.kind() == to.kind()
                           : family == target || (family == Family::integer &&
                                                  (target == Family::decimal || target == Family::floating));
    if (!alike) {
        return fmt::format("{} is not written like {}", from.with_nullable(false).to_string(),
                           to.with_nullable(false).to_string());
    }
    if (family == Family::moment && !is_utc(to.timezone())) {
        return fmt::format("times are written in UTC, and would be read as of {}", to.timezone());
    }
    if (from.arguments().size() == to.arguments().size()) {
        for (std::size_t i = 0; i < from.arguments().size(); ++i) {
            if (std::string inside = difference(from.arguments()[i], to.arguments()[i]); !inside.empty()) {
                return inside;
            }
        }
    }
    return {};
}

const schema::Column* column_named(const tinybird::DataSource& target, const std::string& name) {
    const auto found = std::find_if(target.columns.begin(), target.columns.end(),
                                    [&](const schema::Column& column) { return column.name == name; });
    return found == target.columns.end() ? nullptr : &*found;
}

/// Whether values of the one are compared with the other by a source that refuses numbers which don't fit.
bool is_compared(const Type& from, const Type& to) {  // NOLINT(misc-no-recursion): as deep as the type
    if (from.kind() == Kind::array && to.kind() == Kind::array) {
        return is_compared(from.arguments().front(), to.arguments().front());
    }
    const Family family = family_of(from.kind());
    const Family target = family_of(to.kind());
    return target == Family::decimal ? family == Family::integer || family == Family::decimal
                                     : target == Family::integer && family == Family::integer;
}

/// Why values of the one may not arrive in the other; empty: all do.
std::string misfit(const ResultColumn& source, const schema::Column& target, Format format, bool refuses_nulls,
                   bool refuses_numbers) {
    if (std::string other = difference(*source.type, target.type); !other.empty()) {
        return other;
    }
    // What passes a comparison is in the target's own type.
    const Type from = refuses_numbers && is_compared(*source.type, target.type)
                          ? target.type.with_nullable(source.type->nullable())
                          : *source.type;
    const bool takes_null = target.type.nullable();
    if (const auto lost = schema::loss(refuses_nulls || takes_null ? from.with_nullable(false) : from, target.type)) {
        const bool needs_null = from.nullable() && (takes_null || !refuses_nulls);
        return fmt::format("{}; {} holds all of its values", *lost, source.type->with_nullable(needs_null).to_string());
    }
    // Text formats have a NULL as something that is left out, and what is left out gets the default.
    if (from.nullable() && takes_null && !target.default_expr.empty() && format != Format::parquet) {
        return fmt::format("NULL would become its default, {}", target.default_expr);
    }
    return {};
}

}  // namespace

UnloadFit fit_unload(const std::vector<ResultColumn>& source, const tinybird::DataSource& target, Format format,
                     bool refuses_nulls, bool refuses_numbers) {
    ColumnMatch match = match_columns(source, target, format);
    UnloadFit fit;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const schema::Column* const place = column_named(target, match.places[i]);
        std::string problem;
        if (place == nullptr || !match.columns[i].target) {
            problem = "its place is not known";
        } else if (!source[i].type) {
            problem = "its type is not known";
        } else {
            problem = misfit(source[i], *place, format, refuses_nulls, refuses_numbers);
            // CSV has header lines then, also where columns were matched by their position.
            match.columns[i].name = format == Format::csv ? place->name : match.columns[i].name;
        }
        if (!problem.empty()) {
            fit.refusal =
                fmt::format("column \"{}\" ({}) goes to {} of \"{}\": {}", source[i].name, source[i].source_type,
                            place == nullptr ? "no column" : place->type.to_string(), target.name, problem);
            return fit;
        }
    }
    fit.columns = std::move(match.columns);
    return fit;
}

}  // namespace tinybird_cdk::transfer
