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

struct KnownEngine {
    std::string_view name;
    std::array<std::string_view, 2> options;
};

/// The arguments of each, in their order.
constexpr std::array<KnownEngine, 4> engines_with_options{
    {{"ReplacingMergeTree", {"engine_ver", "engine_is_deleted"}},
     {"SummingMergeTree", {"engine_columns", ""}},
     {"CollapsingMergeTree", {"engine_sign", ""}},
     {"VersionedCollapsingMergeTree", {"engine_sign", "engine_version"}}}};

/// Words by which a column is not stored as it comes, or goes away by itself; Tinybird refuses them too.
constexpr std::array<std::string_view, 6> refused_in_types{"materialized", "alias",   "ephemeral",
                                                           "ttl",          "primary", "statistics"};

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

EngineParts parts_of_engine(const std::string& engine) {
    EngineParts parts;
    const std::size_t open = engine.find('(');
    parts.name = std::string(core::trim(std::string_view(engine).substr(0, open)));
    const std::size_t close = engine.rfind(')');
    if (open == std::string::npos || close == std::string::npos || close < open) {
        return parts;
    }
    const std::string inner(core::trim(std::string_view(engine).substr(open + 1, close - open - 1)));
    for (const KnownEngine& known : engines_with_options) {
        if (inner.empty() || !core::equal_ignoring_case(known.name, parts.name)) {
            continue;
        }
        if (known.options[1].empty()) {
            const bool list = inner.starts_with('(') && inner.ends_with(')');
            parts.options.emplace_back(known.options[0], list ? inner.substr(1, inner.size() - 2) : inner);
            continue;
        }
        const auto values = core::split(inner, ',');
        for (std::size_t i = 0; i < values.size() && i < known.options.size(); ++i) {
            parts.options.emplace_back(known.options.at(i), core::trim(values[i]));
        }
    }
    return parts;
}

std::string engine_of(const std::map<std::string, std::string>& parameters) {
    const auto value_of = [&](std::string_view name) {
        const auto found = parameters.find(std::string(name));
        return found == parameters.end() ? std::string() : std::string(core::trim(found->second));
    };
    std::string engine = value_of("engine");
    if (engine.empty()) {
        engine = "MergeTree";
    }
    const auto known =
        std::find_if(engines_with_options.begin(), engines_with_options.end(),
                     [&](const KnownEngine& each) { return core::equal_ignoring_case(each.name, engine); });
    if (known == engines_with_options.end()) {
        return engine;
    }
    const std::string first = value_of(known->options[0]);
    const std::string second = value_of(known->options[1]);
    if (first.empty() && !second.empty()) {
        throw errors::InvalidArgument(
            fmt::format("{} needs {} as well when it has {}", engine, known->options[0], known->options[1]));
    }
    if (first.empty()) {
        return engine;
    }
    const bool list = known->options[0] == "engine_columns";
    return fmt::format("{}({}{}{})", engine, list ? "(" + first + ")" : first, second.empty() ? "" : ", ", second);
}

void check_column(const schema::Column& column) {
    const std::string type = column.type.to_string();
    check_expression(fmt::format("the type of column \"{}\"", column.name), type);
    for (const Token& token : tokens_of(type)) {
        const std::string word = core::to_lower(token.text);
        if (token.kind == Token::Kind::identifier &&
            std::find(refused_in_types.begin(), refused_in_types.end(), word) != refused_in_types.end()) {
            throw errors::InvalidArgument(
                fmt::format("column \"{}\": {} is not supported in a schema", column.name, token.text));
        }
    }
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
