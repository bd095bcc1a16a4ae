// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/connector.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/retry.hpp>

#include "encode/arrow/record_batch_rows.hpp"
#include "framework/engine_suggestion.hpp"
#include "framework/guard.hpp"
#include "framework/incremental_load.hpp"
#include "framework/incremental_target.hpp"
#include "framework/result_rows.hpp"
#include "transfer/load.hpp"
#include "transfer/preview.hpp"

namespace tinybird_cdk {

namespace {

/// The names of the scopes, for messages.
std::string names_of(const std::vector<Scope>& scopes) {
    std::vector<std::string_view> names;
    for (const Scope& scope : scopes) {
        names.push_back(scope.value);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

/// Parents must be scopes of this connector.
void refuse_unknown_scopes(const std::vector<Scope>& scopes, const Parents& parents) {
    for (const auto& parent : parents) {
        const std::string& scope = parent.first;
        if (std::none_of(scopes.begin(), scopes.end(), [&](const Scope& known) { return known.value == scope; })) {
            throw errors::InvalidArgument(fmt::format("there is no scope \"{}\"", scope),
                                          fmt::format("The scopes are, outermost first: {}.", names_of(scopes)));
        }
    }
}

bool limits_anything(const SourceLimits& limits) {
    return limits.statement_timeout || limits.lock_timeout || limits.replica;
}

bool has_policy(const HazardPolicies& policies) {
    for (std::size_t i = 0; i < hazard_count; ++i) {
        if (policies.get(static_cast<Hazard>(i)) != HazardPolicy::error) {
            return true;
        }
    }
    return false;
}

/// What can't be done with bytes that the source has made; empty: nothing of that is asked for.
std::string needs_values(const LoadOptions& options) {
    if (options.verify || options.checksums) {
        return "it is verified value by value";
    }
    if (options.max_rate) {
        return "it has a rate";
    }
    if (options.row_limit) {
        return "it has a limit of rows";
    }
    return has_policy(options.hazards) ? "it says what becomes of values that don't fit" : "";
}

ExportPurpose purpose_of(bool replace, const std::optional<tinybird::DataSource>& target, const LoadOptions& options) {
    return {.target = target,
            .all_or_nothing = replace || options.incremental.has_value(),
            .needs_values = needs_values(options)};
}

void refuse_condition(const LoadOptions& options) {
    if (!options.replace_condition.empty()) {
        throw errors::InvalidArgument("append takes no replace condition", "Use replace.");
    }
}

/// What the source expects of the whole query. Record batches are not opened for it: that would run the query.
std::optional<std::uint64_t> estimated_rows_of(const Export& whole) {
    if (const auto* const rows = std::get_if<std::unique_ptr<Rows>>(&whole)) {
        return (*rows)->estimated_rows();
    }
    const auto* const batches = std::get_if<std::unique_ptr<RecordBatches>>(&whole);
    return batches != nullptr ? (*batches)->estimated_rows() : std::nullopt;
}

/// @throws errors::InvalidArgument for an export that is something else
std::unique_ptr<Rows> rows_of(Export source) {
    if (auto* const rows = std::get_if<std::unique_ptr<Rows>>(&source)) {
        return std::move(*rows);
    }
    if (auto* const batches = std::get_if<std::unique_ptr<RecordBatches>>(&source)) {
        return std::make_unique<encode::RecordBatchRows>(std::move(*batches));
    }
    throw errors::InvalidArgument("this connector's exports can't be previewed: they are not rows");
}

}  // namespace

void SqlConnector::set_source_limits(const SourceLimits& limits) {
    framework::guard([&] {
        if (limits_anything(limits)) {
            check_limits_(limits);
        }
        limits_ = limits;
    });
}

SourceLimits SqlConnector::limits_of(const LoadOptions& options) const {
    if (options.limits && limits_anything(*options.limits)) {
        check_limits_(*options.limits);
    }
    return options.limits.value_or(limits_);
}

void SqlConnector::check_limits_(const SourceLimits& /*limits*/) const {
    throw errors::InvalidArgument("this connector has no time-outs and can't tell a replica",
                                  "Leave the limits of the source out.");
}

std::vector<Scope> SqlConnector::get_scopes() {
    return framework::guard([&] { return get_scopes_(); });
}

std::vector<ScopeItem> SqlConnector::list_scope(const Parents& parents) {
    return framework::guard([&] {
        const std::vector<Scope> scopes = get_scopes_();
        refuse_unknown_scopes(scopes, parents);
        const auto open = std::find_if(scopes.begin(), scopes.end(),
                                       [&](const Scope& scope) { return !parents.contains(scope.value); });
        if (open == scopes.end()) {
            throw errors::InvalidArgument("all scopes are chosen: there is nothing left to list",
                                          fmt::format("Leave out at least the last of: {}.", names_of(scopes)));
        }
        for (auto later = open; later != scopes.end(); ++later) {
            if (parents.contains(later->value)) {
                throw errors::InvalidArgument(fmt::format(
                    "scope \"{}\" is chosen but \"{}\", which comes before it, is not", later->value, open->value));
            }
        }
        return list_scope_(parents);
    });
}

schema::Schema SqlConnector::suggest_schema(const Parents& scopes) {
    return framework::guard([&] {
        const std::vector<Scope> known = get_scopes_();
        refuse_unknown_scopes(known, scopes);
        for (const Scope& scope : known) {
            const auto chosen = scopes.find(scope.value);
            if (chosen == scopes.end() || chosen->second.empty()) {
                throw errors::InvalidArgument(
                    fmt::format("scope \"{}\" is not chosen", scope.value),
                    fmt::format("A schema is suggested for one table: choose {}.", names_of(known)));
            }
        }
        schema::Schema schema = suggest_schema_(scopes);
        framework::refuse_bad_sorting_key(schema);
        if (const schema::Column* const column = framework::partition_column(schema);
            column != nullptr && schema.partition_key.empty()) {
            Parents parents = scopes;
            parents.erase(known.back().value);
            const std::vector<ScopeItem> tables = list_scope_(parents);
            if (std::any_of(tables.begin(), tables.end(), [&](const ScopeItem& table) {
                    return table.value == schema.table && framework::is_large(table);
                })) {
                framework::partition_by_month(schema, *column);
            }
        }
        return schema;
    });
}

std::string SqlConnector::ingest_query(const schema::Schema& schema, const std::vector<std::string>& column_names) {
    return framework::guard([&] {
        std::vector<std::string> names = column_names;
        if (names.empty()) {
            for (const schema::Column& column : schema.columns) {
                names.push_back(column.name);
            }
        }
        if (names.empty()) {
            throw errors::InvalidArgument(fmt::format("table \"{}\" has no columns", schema.table));
        }
        for (const std::string& name : names) {
            if (std::none_of(schema.columns.begin(), schema.columns.end(),
                             [&](const schema::Column& column) { return column.name == name; })) {
                throw errors::InvalidArgument(fmt::format("table \"{}\" has no column \"{}\"", schema.table, name));
            }
        }
        return ingest_query_(schema, names);
    });
}

ResultSet SqlConnector::sample(const schema::Schema& schema, const std::vector<std::string>& column_names,
                               std::uint64_t rows) {
    return framework::guard([&] { return query_(sample_query_(ingest_query(schema, column_names), rows)); });
}

ResultSet SqlConnector::query_db(std::string_view sql) {
    return framework::guard([&] { return query_(sql); });
}

Value SqlConnector::query_db_scalar(std::string_view sql) {
    return scalar(query_db(sql));
}

LoadResult SqlConnector::append(const std::string& query, const std::string& data_source, const LoadOptions& options) {
    refuse_condition(options);
    return load(false, query, data_source, options);
}

LoadResult SqlConnector::replace(const std::string& query, const std::string& data_source, const LoadOptions& options) {
    return load(true, query, data_source, options);
}

LoadResult SqlConnector::load(bool replace, const std::string& query, const std::string& data_source,
                              const LoadOptions& options) {
    return framework::guard([&] {
        const auto target = transfer::find_target(tb(), data_source);
        Load load = prepare(replace, query, data_source, target, options);
        const auto asked = Clock::system()->now();
        Export source = export_({.query = load.query,
                                 .format = options.format,
                                 .row_limit = options.row_limit,
                                 .stop = options.stop,
                                 .limits = limits_of(options),
                                 .as_rows = !needs_values(options).empty(),
                                 .purpose = purpose_of(replace, target, options)});
        LoadResult result = transfer::load(tb(), source, replace ? transfer::Mode::replace : transfer::Mode::append,
                                           data_source, target, load.options, asked);
        result.incremental = std::move(load.range);
        return result;
    });
}

SqlConnector::Load SqlConnector::prepare(bool replace, const std::string& query, const std::string& data_source,
                                         const std::optional<tinybird::DataSource>& target,
                                         const LoadOptions& options) {
    Load load{.query = query, .options = options, .range = {}};
    if (options.incremental) {
        load.range = incremental_range(replace, query, data_source, target, options);
        load.query = load.range->query;
        load.options.replace_condition = load.range->replace_condition;
    }
    return load;
}

IncrementalRange SqlConnector::incremental_range(bool replace, const std::string& query, const std::string& data_source,
                                                 const std::optional<tinybird::DataSource>& target,
                                                 const LoadOptions& options) {
    const Incremental& incremental = *options.incremental;
    framework::refuse_for_incremental(options);
    const framework::IncrementalTarget cursor(target, data_source, incremental.column);
    const SourceLimits limits = limits_of(options);
    // For the columns alone.
    ResultColumn column = framework::cursor_column(rows_of(export_({.query = query,
                                                                    .format = options.format,
                                                                    .row_limit = 0,
                                                                    .stop = options.stop,
                                                                    .limits = limits,
                                                                    .as_rows = true}))
                                                       ->columns(),
                                                   incremental.column);
    const CursorRequest request{.query = query,
                                .column = std::move(column),
                                .kind = cursor.kind(),
                                .lag = replace ? Lag() : incremental.lag,
                                .stop = options.stop,
                                .limits = limits};
    IncrementalRange result;
    result.range.from = cursor.highest(tb(), replace ? incremental.lag : Lag());
    result.range.from_inclusive = replace;
    if (replace) {
        if (result.range.from) {
            result.replace_condition = cursor.condition_from(*result.range.from);
        }
        // Late rows are corrected by the next load, so nothing needs to be waited for; rows that come while this runs
        // are those of one snapshot.
        result.query = cursor_query_(request, result.range);
    } else {
        CursorBound bound = cursor_bound_(request);
        result.range.to = std::move(bound.to);
        result.range.to_inclusive = bound.inclusive;
        result.range.empty = !result.range.to;
        result.remarks = std::move(bound.remarks);
        result.query = cursor_query_(request, result.range);
    }
    framework::say_range(incremental.column, data_source, result);
    return result;
}

CursorBound SqlConnector::cursor_bound_(const CursorRequest& /*request*/) {
    throw errors::InvalidArgument("this connector has no incremental loads",
                                  "Put the condition into the query, and use replace with a replace condition.");
}

std::string SqlConnector::cursor_query_(const CursorRequest& request, const CursorRange& /*range*/) {
    return cursor_bound_(request).to.value_or(std::string());
}

LoadPreview SqlConnector::preview_append(const std::string& query, const std::string& data_source,
                                         const LoadOptions& options) {
    refuse_condition(options);
    return preview(false, query, data_source, options);
}

LoadPreview SqlConnector::preview_replace(const std::string& query, const std::string& data_source,
                                          const LoadOptions& options) {
    return preview(true, query, data_source, options);
}

LoadPreview SqlConnector::preview(bool replace, const std::string& query, const std::string& data_source,
                                  const LoadOptions& options) {
    return framework::guard([&] {
        const auto target = transfer::find_target(tb(), data_source);
        const Load load = prepare(replace, query, data_source, target, options);
        ExportRequest request{.query = load.query,
                              .format = options.format,
                              .row_limit = options.row_limit,
                              .stop = options.stop,
                              .limits = limits_of(options),
                              .as_rows = true};
        ExportRequest asked = request;
        asked.purpose = purpose_of(replace, target, options);
        const std::optional<QueryDescription> described = describe_(asked);
        const transfer::Mode mode = replace ? transfer::Mode::replace : transfer::Mode::append;
        if (described && described->preview.billed) {
            LoadPreview result = transfer::preview(*described, mode, load.query, data_source, target, load.options);
            result.incremental = load.range;
            return result;
        }
        // One connection at a time, for a pooler may give no more: that of the whole query is gone here.
        const std::optional<std::uint64_t> estimated_rows =
            described ? std::nullopt : estimated_rows_of(export_(request));
        request.row_limit = std::min(options.row_limit.value_or(transfer::preview_rows), transfer::preview_rows);
        const std::unique_ptr<Rows> first = rows_of(export_(request));
        LoadPreview result = transfer::preview(first->columns(), estimated_rows, *first, mode, load.query, data_source,
                                               target, load.options, tb().configuration().limits);
        result.incremental = load.range;
        if (described) {
            transfer::set_route(result, described->preview);
        }
        return result;
    });
}

std::optional<QueryDescription> SqlConnector::describe_(const ExportRequest& /*request*/) {
    return std::nullopt;
}

ResultSet SqlConnector::query_(std::string_view sql) {
    Export source = export_({.query = std::string(sql),
                             .format = Format::ndjson,
                             .row_limit = std::nullopt,
                             .stop = stop_,
                             .limits = limits_,
                             .as_rows = true});
    if (auto* const rows = std::get_if<std::unique_ptr<Rows>>(&source)) {
        return framework::read_all(**rows, stop_);
    }
    if (auto* const batches = std::get_if<std::unique_ptr<RecordBatches>>(&source)) {
        encode::RecordBatchRows walked(**batches);
        return framework::read_all(walked, stop_);
    }
    throw errors::Error("this connector exports no rows, so it needs its own query_()");
}

std::string SqlConnector::sample_query_(const std::string& sql, std::uint64_t rows) {
    // A name that no database has a meaning for, as Snowflake has for "sample".
    return fmt::format("SELECT * FROM (\n{}\n) AS tb_cdk_sample LIMIT {}", sql, rows);
}

}  // namespace tinybird_cdk
