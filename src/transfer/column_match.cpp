// SPDX-License-Identifier: Apache-2.0
#include "transfer/column_match.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/schema.hpp>

#include "core/schema_names.hpp"

namespace tinybird_cdk::transfer {

namespace {

/// The name under which a value reaches this column.
std::string input_name(const schema::Column& column, Format format) {
    if (format != Format::csv && !column.jsonpath.empty()) {
        return schema::field_of_jsonpath(column.jsonpath).value_or(std::string());
    }
    return column.name;
}

bool reads_deeper(const schema::Column& column, Format format) {
    return format != Format::csv && !column.jsonpath.empty() && !schema::field_of_jsonpath(column.jsonpath);
}

/// The names that the query's columns are to have.
std::string names_of(const tinybird::DataSource& target, Format format) {
    constexpr std::size_t shown = 20;
    std::vector<std::string> names;
    for (const schema::Column& column : target.columns) {
        const std::string input = input_name(column, format);
        names.push_back(input == column.name ? input : fmt::format("{} (for column {})", input, column.name));
    }
    const bool cut = names.size() > shown;
    if (cut) {
        names.resize(shown);
    }
    return fmt::format("{}{}", fmt::join(names, ", "), cut ? ", …" : "");
}

void refuse_repeated_names(const std::vector<ResultColumn>& source, Format format) {
    std::unordered_set<std::string_view> seen;
    for (const ResultColumn& column : source) {
        if (!seen.insert(column.name).second) {
            throw errors::SchemaMismatchError(
                fmt::format("the query has two columns named \"{}\", which {} can't keep apart", column.name,
                            format == Format::ndjson ? "NDJSON" : "Parquet"),
                "Give each column of the query a name of its own with AS, or use CSV.");
        }
    }
}

/// A column that no value reaches must be able to do without.
void refuse_unfed_columns(const tinybird::DataSource& target, const std::unordered_set<std::size_t>& fed,
                          Format format) {
    for (std::size_t i = 0; i < target.columns.size(); ++i) {
        const schema::Column& column = target.columns[i];
        const bool optional = column.type.nullable() || !column.default_expr.empty() ||
                              column.type.kind() == schema::Kind::array || column.type.kind() == schema::Kind::map ||
                              reads_deeper(column, format);
        if (!fed.contains(i) && !optional) {
            throw errors::SchemaMismatchError(
                fmt::format("column \"{}\" ({}) of data source \"{}\" gets no value from the query: it has no default "
                            "and is not Nullable",
                            column.name, column.type.to_string(), target.name),
                "Add the column to the query, or make it Nullable or give it a default in the data source.");
        }
    }
}

}  // namespace

ColumnMatch match_columns(const std::vector<ResultColumn>& source, const std::optional<tinybird::DataSource>& target,
                          Format format) {
    if (source.empty()) {
        throw errors::SchemaMismatchError("the query has no columns", "Select at least one column.");
    }
    if (format != Format::csv) {
        refuse_repeated_names(source, format);
    }
    ColumnMatch match;
    for (const ResultColumn& column : source) {
        match.columns.push_back({column.name, std::nullopt, column.valid_utf8});
    }
    match.places.resize(source.size());
    if (!target || target->columns.empty()) {
        return match;
    }

    std::unordered_map<std::string, std::size_t> by_name;
    bool any_deep = false;
    for (std::size_t i = 0; i < target->columns.size(); ++i) {
        by_name.emplace(input_name(target->columns[i], format), i);
        any_deep = any_deep || reads_deeper(target->columns[i], format);
    }

    std::vector<std::optional<std::size_t>> place(source.size());
    std::unordered_set<std::size_t> fed;
    const auto take = [&](std::size_t i, const std::string& name) {
        const auto found = by_name.find(name);
        if (!place[i] && found != by_name.end() && fed.insert(found->second).second) {
            place[i] = found->second;
        }
    };
    for (std::size_t i = 0; i < source.size(); ++i) {
        take(i, source[i].name);
    }
    std::string_view homeless;
    bool by_names = true;
    for (std::size_t i = 0; i < source.size(); ++i) {
        // As a `.datasource` file names it that can't have its own name.
        const core::DatafileName name = core::datafile_name(source[i].name);
        take(i, name.distinct);
        take(i, name.usual);
        if (!place[i] && by_names) {
            by_names = false;
            homeless = source[i].name;
        }
    }

    if (!by_names && format == Format::csv) {
        if (source.size() != target->columns.size()) {
            throw errors::SchemaMismatchError(
                fmt::format(
                    "the query has {} column(s), data source \"{}\" has {}, and column \"{}\" is not one of them",
                    source.size(), target->name, target->columns.size(), homeless),
                fmt::format("Columns of \"{}\": {}. Name the query's columns like them (AS), or select as many.",
                            target->name, names_of(*target, format)));
        }
        for (std::size_t i = 0; i < source.size(); ++i) {
            match.columns[i].target = target->columns[i].type;
            match.places[i] = target->columns[i].name;
        }
        return match;
    }
    // A column that reads deeper may take its value from any field.
    if (!by_names && !any_deep) {
        throw errors::SchemaMismatchError(
            fmt::format("column \"{}\" of the query has no place in data source \"{}\"", homeless, target->name),
            fmt::format("Columns of \"{}\": {}. Name the query's columns like them (AS).", target->name,
                        names_of(*target, format)));
    }
    refuse_unfed_columns(*target, fed, format);
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (place[i]) {
            match.columns[i].target = target->columns[*place[i]].type;
            match.places[i] = target->columns[*place[i]].name;
            match.columns[i].name = input_name(target->columns[*place[i]], format);
            match.header = match.header || *place[i] != i;
        }
    }
    match.header = format == Format::csv && (match.header || source.size() != target->columns.size());
    return match;
}

}  // namespace tinybird_cdk::transfer
