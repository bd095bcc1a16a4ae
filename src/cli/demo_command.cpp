// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "cli/commands.hpp"
#include "cli/load_summary.hpp"
#include "cli/progress_line.hpp"
#include "cli/schema_text.hpp"
#include "cli/table_text.hpp"

namespace tinybird_cdk::cli {

namespace {

struct DemoArguments {
    std::string connector = "sqlite";
    std::string database;
    std::string data_directory;
    std::string format = "csv";
};

constexpr const char* table_name = "flights";
constexpr const char* postgresql_schema = "tinybird_cdk_demo";

/// Each step under a heading, so that a reader sees what the kit does.
void heading(const Context& context, int number, std::string_view text) {
    print(fmt::format("\n{}\n", context.bold(fmt::format("{}. {}", number, text))));
}

Parents table_of(const DemoArguments& arguments) {
    Parents parents{{"table", table_name}};
    if (arguments.connector == "postgresql") {
        parents.emplace("schema", postgresql_schema);
    }
    return parents;
}

std::string parents_text(const Parents& parents) {
    std::string text;
    for (const auto& [scope, name] : parents) {
        text += fmt::format(" --parent {}={}", scope, name);
    }
    return text;
}

/// A data source of an older demo with other columns gives way: the directory is the demo's own.
void make_data_source(tinybird::Client& tinybird, const schema::Schema& schema) {
    const auto existing = tinybird.data_source(table_name);
    if (existing) {
        const bool same = std::equal(
            existing->columns.begin(), existing->columns.end(), schema.columns.begin(), schema.columns.end(),
            [](const auto& left, const auto& right) { return left.name == right.name && left.type == right.type; });
        if (same) {
            print(fmt::format("{} is already there, with {} rows: they will be replaced, not doubled.\n", table_name,
                              count_text(existing->rows.value_or(0))));
            return;
        }
        tinybird.drop_data_source(table_name);
    }
    tinybird.create_data_source(table_name, schema);
    print(fmt::format("created {} with {} columns.\n", table_name, schema.columns.size()));
}

void print_next_steps(const DemoArguments& arguments, const Parents& parents) {
    const std::string source =
        arguments.connector == "sqlite" ? fmt::format("SQLITE_DATABASE={} ", arguments.database) : "";
    const std::string local = fmt::format("--local={}", arguments.data_directory);
    print(fmt::format(
        "  {0}bin/cdk sample -c {1}{2}\n"
        "  {0}bin/cdk schema -c {1}{2} --output datafile\n"
        "  {0}bin/cdk {3} append -c {1} -q 'SELECT * FROM {4} LIMIT 10' -d flights -f ndjson\n"
        "  bin/cdk {3} query-tb 'SELECT dest, count() AS flights FROM flights GROUP BY dest ORDER BY flights DESC "
        "LIMIT 5'\n"
        "  bin/cdk local --data-dir {5}      # serves it, for curl and other clients\n"
        "\nFor your own Tinybird: export TB_CDK_TOKEN=… TB_CDK_TAG=…, and leave --local out.\n",
        source, arguments.connector, parents_text(parents), local,
        arguments.connector == "postgresql" ? fmt::format("{}.{}", postgresql_schema, table_name) : table_name,
        arguments.data_directory));
}

void check_counts(std::uint64_t source, const Value& target) {
    if (target.to_text() != fmt::format("{}", source)) {
        throw errors::Error(fmt::format("the source has {} rows, Tinybird has {}", source, target.to_text()), {},
                            errors::ExitCode::data_refused);
    }
    print(fmt::format("{} rows at the source, {} rows in Tinybird.\n\n", count_text(source), count_text(source)));
}

int run_demo(Context& context, const DemoArguments& arguments) {
    const Parents parents = table_of(arguments);
    context.use_local(arguments.data_directory);
    Environment environment = context.environment();
    if (arguments.connector == "sqlite") {
        environment = environment.with("SQLITE_DATABASE", arguments.database);
    }

    heading(context, 1,
            fmt::format("The source: table {} in {}", table_name,
                        arguments.connector == "sqlite" ? arguments.database : "PostgreSQL, from PG* variables"));
    const auto connector = sql_connector_for(arguments.connector, environment);
    const std::string qualified =
        arguments.connector == "postgresql" ? fmt::format("{}.{}", postgresql_schema, table_name) : table_name;
    const Value counted = connector->query_db_scalar(fmt::format("SELECT count(*) FROM {}", qualified));
    const auto source_rows = static_cast<std::uint64_t>(std::stoull(counted.to_text()));
    print(fmt::format("{} rows: all flights that left New York City in 2013.\n", count_text(source_rows)));

    heading(context, 2, "A local Tinybird");
    print(fmt::format("runs at {} as long as this demo; its data stays in {}.\n",
                      context.tinybird().configuration().endpoint, arguments.data_directory));

    heading(context, 3, "The schema that the connector suggests");
    const schema::Schema schema = connector->suggest_schema(parents);
    print(schema_table(schema));

    heading(context, 4, "The data source");
    make_data_source(context.tinybird(), schema);

    heading(context, 5, "Replace its rows by those of a query");
    const std::string query = connector->ingest_query(schema);
    print(fmt::format("{}\n", query.size() > 300 ? query.substr(0, 300) + "…" : query));
    LoadOptions options;
    options.format = formats::parse(arguments.format);
    options.stop = context.stop();
    ProgressLine line(context.shows_progress());
    options.on_progress = [&](Progress progress) {
        progress.estimated_rows = source_rows;
        line.update(progress);
    };
    const LoadResult result = connector->replace(query, table_name, options);
    const double seconds = line.seconds();
    line.clear();
    print(LoadSummary{"replaced", table_name, result, seconds}.text());

    heading(context, 6, "Read back through the SQL API");
    check_counts(source_rows, scalar(context.tinybird().query(fmt::format("SELECT count() FROM {}", table_name))));
    print(table_text(context.tinybird().query(
        "SELECT carrier, count() AS flights, round(avg(dep_delay), 1) AS avg_departure_delay_minutes, "
        "round(quantileExact(0.9)(dep_delay), 0) AS p90, countIf(isNull(dep_time)) AS cancelled "
        "FROM flights GROUP BY carrier ORDER BY avg_departure_delay_minutes DESC")));

    heading(context, 7, "What to try next");
    print_next_steps(arguments, parents);
    return 0;
}

}  // namespace

void add_demo_command(CLI::App& app, const Choose& choose) {
    auto arguments = std::make_shared<DemoArguments>();
    CLI::App& command = *app.add_subcommand("demo", "Load a real table into a local Tinybird, step by step");
    command.add_option("-c,--connector", arguments->connector, "sqlite or postgresql")
        ->check(CLI::IsMember({"sqlite", "postgresql"}))
        ->capture_default_str();
    command
        .add_option("--flights-db", arguments->database, "the SQLite file with table flights (bin/cdk demo makes it)")
        ->type_name("FILE");
    command.add_option("--data-dir", arguments->data_directory, "where the local Tinybird keeps its data")
        ->type_name("DIR");
    command.add_option("-f,--format", arguments->format, "csv, ndjson or parquet")->capture_default_str();
    command.callback([arguments, &choose] {
        choose([arguments](Context& context) {
            context.set_up_logger(true);
            if (arguments->connector == "sqlite" && arguments->database.empty()) {
                throw errors::InvalidArgument("--flights-db is missing",
                                              "`bin/cdk demo` makes the file and passes it.");
            }
            if (arguments->data_directory.empty()) {
                throw errors::InvalidArgument("--data-dir is missing", "`bin/cdk demo` chooses one.");
            }
            return run_demo(context, *arguments);
        });
    });
}

}  // namespace tinybird_cdk::cli
