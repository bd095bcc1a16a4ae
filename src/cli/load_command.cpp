// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string_view>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>
#include <tinybird_cdk/warehouse_connector.hpp>

#include "cli/commands.hpp"
#include "cli/load_preview_text.hpp"
#include "cli/load_summary.hpp"
#include "cli/object_load.hpp"
#include "cli/progress_line.hpp"
#include "cli/source_arguments.hpp"

namespace tinybird_cdk::cli {

namespace {

struct LoadArguments {
    bool replace = false;
    SourceArguments source;
    std::string query;
    std::string query_file;
    std::string data_source;
    std::string format;
    ObjectArguments objects;
    std::string replace_condition;
    std::uint64_t row_limit = 0;
    std::vector<std::string> hazards;
    std::string on_quarantine = "warn";
    bool create = false;
    std::string incremental_column;
    std::string lag;
    std::string max_rate;
    bool verify = false;
    bool dry_run = false;
    std::string output = "text";
};

/// The table that --parent names; nothing when the query comes from elsewhere.
std::optional<schema::Schema> chosen_table(SqlConnector& connector, const LoadArguments& arguments) {
    if (arguments.source.parents.empty()) {
        return std::nullopt;
    }
    return connector.suggest_schema(arguments.source.parsed_parents());
}

void create_if_missing(Context& context, const LoadArguments& arguments, const std::optional<schema::Schema>& table) {
    if (!arguments.create || context.tinybird().data_source(arguments.data_source)) {
        return;
    }
    if (!table) {
        throw errors::InvalidArgument("--create needs the table whose schema to take",
                                      "Name it with --parent, as in --parent schema=public --parent table=orders.");
    }
    context.tinybird().create_data_source(arguments.data_source, *table);
    context.say(fmt::format("created data source {}", arguments.data_source));
}

/// An empty variable in a script must not make a replace of a part one of everything.
std::string refuse_blank(const std::string& condition) {
    const bool blank = condition.find_first_not_of(" \t\r\n") == std::string::npos;
    return blank ? "the condition is empty; leave the option out to replace all rows" : "";
}

/// What is chosen among objects has no rows to choose among.
void refuse_what_needs_rows(const LoadArguments& arguments) {
    const SourceArguments& source = arguments.source;
    for (const auto& [name, given] : {std::pair{"--query", !arguments.query.empty()},
                                      {"--query-file", !arguments.query_file.empty()},
                                      {"--parent", !source.parents.empty()},
                                      {"--create", arguments.create},
                                      {"--row-limit", arguments.row_limit > 0},
                                      {"--on", !arguments.hazards.empty()},
                                      {"--incremental-column", !arguments.incremental_column.empty()},
                                      {"--max-rate", !arguments.max_rate.empty()},
                                      {"--verify", arguments.verify},
                                      {"--statement-timeout", !source.statement_timeout.empty()},
                                      {"--lock-timeout", !source.lock_timeout.empty()},
                                      {"--replica", source.replica}}) {
        if (given) {
            throw errors::InvalidArgument(
                fmt::format("{} is for databases: {} loads objects as they are", name, source.connector),
                "Leave it out.");
        }
    }
}

/// @param ways of such connectors, for the message
[[noreturn]] void refuse_via(const std::string& via, std::string_view what, const std::string& connector,
                             const std::string& ways) {
    throw errors::InvalidArgument(fmt::format("--via {} is for {}, and {} is none", via, what, connector), ways);
}

/// How the rows of a database or a warehouse go.
void choose_route(SqlConnector& connector, const LoadArguments& arguments) {
    const std::string& via = arguments.objects.via;
    if (via == "auto") {
        return;
    }
    auto* const warehouse = dynamic_cast<WarehouseConnector*>(&connector);
    const std::string& name = arguments.source.connector;
    if (via == "url" || via == "stream") {
        refuse_via(via, "object stores", name, warehouse == nullptr ? "Leave it out." : "Use bucket or direct.");
    }
    if (warehouse == nullptr) {
        refuse_via(via, "warehouses", name, "Leave it out.");
    }
    warehouse->set_route(via == "bucket" ? Route::bucket : Route::direct);
}

int run_object_load(Context& context, const LoadArguments& arguments) {
    refuse_what_needs_rows(arguments);
    if (const std::string& via = arguments.objects.via; via == "bucket" || via == "direct") {
        refuse_via(via, "warehouses", arguments.source.connector, "Use url or stream.");
    }
    ObjectLoad load;
    load.replace = arguments.replace;
    load.connector = arguments.source.connector;
    load.data_source = arguments.data_source;
    load.format = arguments.format;
    load.output = arguments.output;
    load.dry_run = arguments.dry_run;
    load.options.replace_condition = arguments.replace_condition;
    load.options.on_quarantine =
        arguments.on_quarantine == "fail" ? tinybird::OnQuarantine::fail : tinybird::OnQuarantine::warn;
    load.options.stop = context.stop();
    return load_objects(context, arguments.objects, std::move(load));
}

int run_load(Context& context, const LoadArguments& arguments) {
    if (is_object_store(arguments.source.connector)) {
        return run_object_load(context, arguments);
    }
    if (const std::string given = arguments.objects.given(); !given.empty()) {
        throw errors::InvalidArgument(
            fmt::format("{} is for object stores, and {} is none", given, arguments.source.connector),
            "Say what to load with --query or --parent.");
    }
    LoadOptions options;
    options.format = arguments.format.empty() ? Format::csv : formats::parse(arguments.format);
    options.replace_condition = arguments.replace_condition;
    if (arguments.row_limit > 0) {
        options.row_limit = arguments.row_limit;
    }
    for (const std::string& hazard : arguments.hazards) {
        options.hazards.set(hazard);
    }
    options.on_quarantine =
        arguments.on_quarantine == "fail" ? tinybird::OnQuarantine::fail : tinybird::OnQuarantine::warn;
    options.verify = arguments.verify;
    if (!arguments.incremental_column.empty()) {
        options.incremental = {.column = arguments.incremental_column,
                               .lag = arguments.lag.empty() ? Lag() : Lag::parse(arguments.lag)};
    }
    if (!arguments.max_rate.empty()) {
        options.max_rate = parse_rate(arguments.max_rate);
    }
    options.stop = context.stop();

    const bool by_table = !arguments.source.parents.empty();
    const bool by_query = !arguments.query.empty() || !arguments.query_file.empty();
    if (!by_table && !by_query) {
        throw errors::InvalidArgument("nothing says what to load",
                                      "Give --query, --query-file, or a table with --parent.");
    }
    if (by_table && by_query && !arguments.create) {
        throw errors::InvalidArgument("--parent names a table to load, and the query says what to load",
                                      "Give one of the two (or --create, which takes the schema from the table).");
    }
    const Parents parents = arguments.source.parsed_parents();
    const auto connector = arguments.source.make(context);
    choose_route(*connector, arguments);
    const auto table = chosen_table(*connector, arguments);
    if (!arguments.dry_run) {
        create_if_missing(context, arguments, table);
    }
    const std::string query =
        by_query ? text_argument(arguments.query, arguments.query_file) : connector->ingest_query(*table);
    if (arguments.dry_run) {
        if (arguments.create && table && !context.tinybird().data_source(arguments.data_source)) {
            print(fmt::format("Would create \"{}\" and load it from:\n{}\n\n{}\nNothing was written.\n",
                              arguments.data_source, query, table->to_datafile()));
            return 0;
        }
        const LoadPreview preview = arguments.replace
                                        ? connector->preview_replace(query, arguments.data_source, options)
                                        : connector->preview_append(query, arguments.data_source, options);
        print(arguments.output == "json" ? preview_json(preview) : preview_text(preview));
        return static_cast<int>(preview.refusal.empty() ? errors::ExitCode::done : errors::ExitCode::data_refused);
    }

    ProgressLine line(context.shows_progress());
    options.on_progress = [&](const Progress& progress) { line.update(progress); };
    const LoadResult result = arguments.replace ? connector->replace(query, arguments.data_source, options)
                                                : connector->append(query, arguments.data_source, options);
    const double seconds = line.seconds();
    line.clear();
    const LoadSummary summary{arguments.replace ? "replaced" : "appended", arguments.data_source, result, seconds};
    if (arguments.output == "json") {
        print(summary.json());
    } else if (!context.options().quiet) {
        print(summary.text());
    }
    return 0;
}

void add(CLI::App& app, const Choose& choose, bool replace) {
    auto arguments = std::make_shared<LoadArguments>();
    arguments->replace = replace;
    CLI::App& command = *app.add_subcommand(
        replace ? "replace" : "append",
        replace ? "Replace the rows of a data source by those of a query or an object, all or nothing"
                : "Add the rows of a query, or of objects, to a data source");
    arguments->source.add_connector_to(command);
    auto* const query = command.add_option("-q,--query", arguments->query, "the query to load; - reads standard input")
                            ->type_name("SQL");
    command.add_option("--query-file", arguments->query_file, "a file with the query")
        ->type_name("FILE")
        ->excludes(query);
    arguments->source.add_parents_to(command);
    arguments->objects.add_to(command, replace);
    command.add_option("-d,--data-source", arguments->data_source, "where the rows go")->type_name("NAME")->required();
    command
        .add_option("-f,--format", arguments->format,
                    "csv, ndjson or parquet; of databases the default is csv, of objects what their names say")
        ->type_name("FORMAT");
    if (replace) {
        command
            .add_option("--replace-condition", arguments->replace_condition, "SQL: only rows that match are replaced")
            ->type_name("SQL")
            ->check(refuse_blank);
    }
    command.add_option("--row-limit", arguments->row_limit, "at most so many rows")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    command
        .add_option("--on", arguments->hazards,
                    "what to do with a value that the target can't hold, as in nan=null; hazards: nan, infinity, "
                    "date_range, zero_date, number_range, invalid_utf8, duplicate_key; policies: error, null, text, "
                    "clamp; repeatable")
        ->type_name("HAZARD=POLICY")
        ->allow_extra_args(false);
    command
        .add_option("--on-quarantine", arguments->on_quarantine, "warn or fail when Tinybird does not take all rows")
        ->check(CLI::IsMember({"warn", "fail"}))
        ->capture_default_str();
    command.add_flag("--create", arguments->create, "create the data source from the table's schema if it is missing");
    auto* const incremental =
        command
            .add_option("--incremental-column", arguments->incremental_column,
                        replace ? "load from the highest value of this column in the data source on (see --lag), in "
                                  "place of the same rows there"
                                : "only rows beyond the highest value that this column has in the data source")
            ->type_name("NAME");
    command
        .add_option("--lag", arguments->lag,
                    replace ? "how far back to begin, as in 90s, 15m, 1h, 7d, or a plain number for a column of numbers"
                            : "leave rows this near to the end for the next load, as in 90s, 15m, 1h, 7d, or a plain "
                              "number for a column of numbers")
        ->type_name("LAG")
        ->needs(incremental);
    arguments->source.add_limits_to(command);
    command
        .add_option("--max-rate", arguments->max_rate,
                    "take rows from the source no faster, in bytes of the body in a second, as in 10MB")
        ->type_name("RATE");
    command.add_flag("--dry-run", arguments->dry_run,
                     "show what would be done, and write nothing: columns and what they can't hold, rows and bytes, "
                     "requests");
    command.add_flag("--verify", arguments->verify,
                     "compare rows, NULLs, checksums, lowest and highest values with the data source afterwards; exit "
                     "code 3 if anything differs");
    command.add_option("-o,--output", arguments->output, "how the summary is written")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command.callback([arguments, &choose] {
        choose([arguments](Context& context) {
            context.set_up_logger(arguments->output == "json");
            return run_load(context, *arguments);
        });
    });
}

}  // namespace

void add_load_commands(CLI::App& app, const Choose& choose) {
    add(app, choose, false);
    add(app, choose, true);
}

}  // namespace tinybird_cdk::cli
