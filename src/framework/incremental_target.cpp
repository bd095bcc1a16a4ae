// SPDX-License-Identifier: Apache-2.0
#include "framework/incremental_target.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/schema_names.hpp"
#include "transfer/proof_sql.hpp"

namespace tinybird_cdk::framework {

namespace {

using schema::Kind;

std::optional<CursorKind> kind_of(const schema::Type& type) {
    switch (type.kind()) {
        case Kind::int8:
        case Kind::int16:
        case Kind::int32:
        case Kind::int64:
        case Kind::uint8:
        case Kind::uint16:
        case Kind::uint32:
        case Kind::uint64:
            return CursorKind::number;
        case Kind::date:
        case Kind::date32:
            return CursorKind::day;
        case Kind::datetime:
        case Kind::datetime64:
            return CursorKind::moment;
        default:
            return std::nullopt;
    }
}

}  // namespace

IncrementalTarget::IncrementalTarget(const std::optional<tinybird::DataSource>& target, const std::string& data_source,
                                     const std::string& column)
    : data_source_(data_source), column_(column) {
    if (!target) {
        throw errors::InvalidArgument(
            fmt::format("the token may not read \"{}\", which tells how far the last load came", data_source),
            "An incremental load needs a token with the scope DATASOURCES:READ.");
    }
    const auto named = [&](const std::string& name) {
        return std::find_if(target->columns.begin(), target->columns.end(),
                            [&](const schema::Column& known) { return known.name == name; });
    };
    auto found = named(column);
    // As a `.datasource` file names a column that can't have its own name: loads find it the same way.
    const core::DatafileName mended = core::datafile_name(column);
    for (const std::string& name : {mended.distinct, mended.usual}) {
        if (found == target->columns.end()) {
            found = named(name);
        }
    }
    if (found == target->columns.end()) {
        throw errors::InvalidArgument(fmt::format("data source \"{}\" has no column \"{}\"", data_source, column),
                                      "The incremental column must have one name in the query and the data source.");
    }
    const auto kind = kind_of(found->type);
    if (!kind) {
        throw errors::InvalidArgument(
            fmt::format("column \"{}\" ({}) can't tell how far a load came", column, found->type.to_string()),
            "Take a column of integers, dates or times whose values grow.");
    }
    if (!found->type.timezone().empty() && found->type.timezone() != "UTC" && found->type.timezone() != "Etc/UTC") {
        throw errors::InvalidArgument(
            fmt::format("column \"{}\" has the time zone {}: which instant its text is depends on it", column,
                        found->type.timezone()),
            "Take a column of integers, or one whose times are in UTC.");
    }
    column_ = found->name;
    type_ = found->type;
    kind_ = *kind;
}

std::optional<std::string> IncrementalTarget::highest(tinybird::Client& client, const Lag& lag) const {
    std::string value = fmt::format("maxOrNull({})", transfer::quoted_name(column_));
    switch (kind_) {
        case CursorKind::number:
            // In a type that a lag can't wrap.
            value = fmt::format("toString(toInt128({}) - {})", value, lag.units());
            break;
        case CursorKind::day:
            value = fmt::format("toString(toDate32({}) - {})", value, (lag.time().count() + 86399) / 86400);
            break;
        case CursorKind::moment:
            value = fmt::format("toString({} - toIntervalSecond({}), 'UTC')", value, lag.time().count());
            break;
    }
    const Value found =
        client.query_scalar(fmt::format("SELECT {} AS highest FROM {}", value, transfer::quoted_name(data_source_)));
    return found.is_null() ? std::nullopt : std::optional(found.to_text());
}

std::string IncrementalTarget::condition_from(const std::string& value) const {
    const std::string name = transfer::quoted_name(column_);
    switch (kind_) {
        case CursorKind::number:
            return fmt::format("{} >= {}", name, value);
        case CursorKind::day:
            return fmt::format("{} >= toDate32('{}')", name, value);
        case CursorKind::moment:
            return fmt::format("{} >= toDateTime64('{}', {}, 'UTC')", name, value,
                               type_.kind() == Kind::datetime64 ? type_.precision() : 0);
    }
    return {};
}

}  // namespace tinybird_cdk::framework
