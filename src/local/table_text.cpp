// SPDX-License-Identifier: Apache-2.0
#include "local/table_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"
#include "local/sql_guard.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

/// https://www.tinybird.co/docs/forward/dev-reference/datafiles/datasource-files
constexpr std::array<std::string_view, 7> engines{"MergeTree",
                                                  "ReplacingMergeTree",
                                                  "SummingMergeTree",
                                                  "AggregatingMergeTree",
                                                  "CollapsingMergeTree",
                                                  "VersionedCollapsingMergeTree",
                                                  "Null"};

void check_expression(std::string_view what, const std::string& text) {
    // As in the parentheses that it comes into: a list may have commas.
    if (const auto reason = forbidden_in_condition(fmt::format("({}\n)", text))) {
        throw errors::InvalidArgument(fmt::format("{}: {}", what, *reason));
    }
}

bool is_null(const DataSource& source) {
    return core::equal_ignoring_case(source.engine, "Null");
}

}  // namespace

std::string column_definition(const schema::Column& column) {
    std::string text = fmt::format("{} {}", identifier(column.name), column.type.to_string());
    if (!column.default_expr.empty()) {
        text += " DEFAULT " + column.default_expr;
    }
    return text;
}

std::string engine_definition(const DataSource& source) {
    std::string engine = source.engine.empty() ? "MergeTree" : source.engine;
    // A data source of the Null engine keeps nothing; there is nothing to order.
    if (is_null(source)) {
        return "Null";
    }
    if (engine.find('(') == std::string::npos) {
        engine += "()";
    }
    if (!source.partition_key.empty()) {
        engine += fmt::format(" PARTITION BY ({})", source.partition_key);
    }
    engine += fmt::format(" ORDER BY {}", source.sorting_key.empty() || source.sorting_key == "tuple()"
                                              ? std::string("tuple()")
                                              : fmt::format("({})", source.sorting_key));
    if (!source.ttl.empty()) {
        engine += " TTL " + source.ttl;
    }
    return engine + " SETTINGS allow_nullable_key = 1";
}

void check_column(const schema::Column& column) {
    if (!column.default_expr.empty()) {
        check_expression(fmt::format("the default of column \"{}\"", column.name), column.default_expr);
    }
}

void check_ttl(const std::string& ttl) {
    if (const auto reason = forbidden_in_condition(ttl)) {
        throw errors::InvalidArgument(fmt::format("ttl: {}", *reason));
    }
}

void check_definition(const DataSource& source) {
    const std::string name(core::trim(std::string_view(source.engine).substr(0, source.engine.find('('))));
    if (!name.empty() && std::none_of(engines.begin(), engines.end(),
                                      [&](std::string_view known) { return core::equal_ignoring_case(known, name); })) {
        throw errors::InvalidArgument(fmt::format("there is no engine \"{}\" for a data source", name),
                                      fmt::format("Use one of {}.", fmt::join(engines, ", ")));
    }
    check_expression("engine", source.engine);
    check_expression("engine_sorting_key", source.sorting_key);
    check_expression("engine_partition_key", source.partition_key);
    if (!source.ttl.empty()) {
        check_ttl(source.ttl);
    }
    for (const schema::Column& column : source.columns) {
        check_column(column);
    }
}

}  // namespace tinybird_cdk::local
