// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/schema_compare.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/schema_names.hpp"

namespace tinybird_cdk::schema {

namespace {

const Column* find(const std::vector<Column>& columns, const std::string& name) {
    const auto found =
        std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.name == name; });
    return found == columns.end() ? nullptr : &*found;
}

/// The column of the data source that a load finds for one of the source: of the same name, or of the one that a
/// `.datasource` file has in its place.
const Column* find_live(const std::vector<Column>& source, const std::vector<Column>& target, const std::string& name) {
    if (const Column* const same = find(target, name); same != nullptr) {
        return same;
    }
    const core::DatafileName given = core::datafile_name(name);
    if (const Column* const distinct = find(target, given.distinct); distinct != nullptr) {
        return distinct;
    }
    return find(source, given.usual) == nullptr ? find(target, given.usual) : nullptr;
}

/// The rows that are there have no value for it.
Type addable(const Type& type) {
    return type.with_nullable(true);
}

bool does_without(const Column& column) {
    return column.type.nullable() || !column.default_expr.empty() || column.type.kind() == Kind::array ||
           column.type.kind() == Kind::map;
}

Change added(const Column& column) {
    const Type type = addable(column.type);
    const bool safe = type.nullable() || type.kind() == Kind::array || type.kind() == Kind::map;
    return {.kind = Change::Kind::added,
            .column = column.name,
            .source = column.type,
            .target = std::nullopt,
            .safe = safe,
            .text = safe ? fmt::format("can be added as {}; it is {} in the rows that are there", type.to_string(),
                                       type.nullable() ? "NULL" : "empty")
                         : fmt::format("{} can't be Nullable, so it can't be added to rows that are there: make a new "
                                       "data source",
                                       type.to_string())};
}

/// What to do where values of the one are lost in the other. For a NULL there is no policy.
std::string remedy(const Type& from, const Type& to) {
    const bool null_is_lost = from.nullable() && !to.nullable();
    if (!loss(from.with_nullable(false), to)) {
        return "make the column Nullable in a new data source, or replace NULL in the query (COALESCE)";
    }
    return null_is_lost ? "make a new data source, or replace NULL in the query (COALESCE) and choose a policy for the "
                          "other values (--on)"
                        : "make a new data source, or choose a policy for such values (--on)";
}

Change removed(const Column& column) {
    const bool safe = does_without(column);
    return {.kind = Change::Kind::removed,
            .column = column.name,
            .source = std::nullopt,
            .target = column.type,
            .safe = safe,
            .text = safe ? "stays in the data source; new rows leave it empty"
                         : "new rows have no value for it: loads are refused until it is Nullable or has a default, "
                           "in a new data source"};
}

}  // namespace

std::vector<Change> compare(const Schema& source, const std::vector<Column>& target) {
    std::vector<Change> changes;
    for (const Column& column : source.columns) {
        const Column* const live = find_live(source.columns, target, column.name);
        if (live == nullptr) {
            changes.push_back(added(column));
            continue;
        }
        if (const auto lost = loss(column.type, live->type)) {
            changes.push_back({.kind = Change::Kind::changed,
                               .column = column.name,
                               .source = column.type,
                               .target = live->type,
                               .safe = false,
                               .text = fmt::format("{}: {}", *lost, remedy(column.type, live->type))});
        }
    }
    for (const Column& column : target) {
        const bool is_fed = std::any_of(source.columns.begin(), source.columns.end(), [&](const Column& candidate) {
            return find_live(source.columns, target, candidate.name) == &column;
        });
        if (!is_fed) {
            changes.push_back(removed(column));
        }
    }
    return changes;
}

std::optional<Schema> with_additions(const Schema& source, const std::vector<Column>& target) {
    const std::vector<Change> changes = compare(source, target);
    std::string unsafe;
    for (const Change& change : changes) {
        if (!change.safe) {
            unsafe += fmt::format("{}\"{}\" ({})", unsafe.empty() ? "" : "; ", change.column, change.text);
        }
    }
    if (!unsafe.empty()) {
        throw errors::SchemaMismatchError("the changes can't be applied without loss: " + unsafe,
                                          "Nothing was changed.");
    }
    Schema result;
    result.table = source.table;
    result.columns = target;
    for (const Change& change : changes) {
        if (change.kind == Change::Kind::added) {
            Column column = *find(source.columns, change.column);
            column.type = addable(column.type);
            result.columns.push_back(std::move(column));
        }
    }
    if (result.columns.size() == target.size()) {
        return std::nullopt;
    }
    return result;
}

}  // namespace tinybird_cdk::schema
