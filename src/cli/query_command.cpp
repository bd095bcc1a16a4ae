// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <tinybird_cdk/errors.hpp>

#include "cli/commands.hpp"
#include "cli/source_arguments.hpp"
#include "cli/table_text.hpp"

namespace tinybird_cdk::cli {

namespace {

struct QueryArguments {
    SourceArguments source;
    std::string sql;
    std::string sql_file;
    std::string pipe;
    bool scalar = false;
    std::string output = "table";
};

void add_arguments(CLI::App& command, QueryArguments& arguments) {
    auto* const sql =
        command.add_option("sql,--sql", arguments.sql, "the query; - reads standard input")->type_name("SQL");
    command.add_option("--sql-file", arguments.sql_file, "a file with the query")->type_name("FILE")->excludes(sql);
    command.add_flag("--scalar", arguments.scalar,
                     "only the first value of the first row, without quotes; null if there is none");
    command.add_option("-o,--output", arguments.output, "how rows are written")
        ->check(CLI::IsMember({"table", "json", "csv"}))
        ->capture_default_str();
}

void print_result(const ResultSet& rows, const QueryArguments& arguments) {
    if (arguments.scalar) {
        print(scalar(rows).to_text() + "\n");
    } else if (arguments.output == "json") {
        print(json_text(rows));
    } else if (arguments.output == "csv") {
        print(csv_text(rows));
    } else {
        print(table_text(rows));
    }
}

std::string sql_of(const QueryArguments& arguments) {
    std::string sql = text_argument(arguments.sql, arguments.sql_file);
    if (sql.find_first_not_of(" \t\r\n;") == std::string::npos) {
        throw errors::InvalidArgument("the query is empty", "Give it as an argument, or with --sql-file.");
    }
    return sql;
}

}  // namespace

void add_query_commands(CLI::App& app, const Choose& choose) {
    {
        auto arguments = std::make_shared<QueryArguments>();
        CLI::App& command = *app.add_subcommand("query-tb", "Query Tinybird");
        add_arguments(command, *arguments);
        command.add_option("--pipe", arguments->pipe, "a pipe that _ in the query stands for")->type_name("NAME");
        command.callback([arguments, &choose] {
            choose([arguments](Context& context) {
                context.set_up_logger(true);
                print_result(
                    context.tinybird().query(sql_of(*arguments), {.pipe = arguments->pipe, .stop = context.stop()}),
                    *arguments);
                return 0;
            });
        });
    }
    auto arguments = std::make_shared<QueryArguments>();
    CLI::App& command = *app.add_subcommand("query-db", "Query the source database");
    arguments->source.add_connector_to(command);
    add_arguments(command, *arguments);
    arguments->source.add_limits_to(command);
    command.callback([arguments, &choose] {
        choose([arguments](Context& context) {
            context.set_up_logger(true);
            print_result(arguments->source.make(context)->query_db(sql_of(*arguments)), *arguments);
            return 0;
        });
    });
}

}  // namespace tinybird_cdk::cli
