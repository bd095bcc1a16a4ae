// SPDX-License-Identifier: Apache-2.0
#include "cli/schema_text.hpp"

#include <algorithm>
#include <memory>

#include <tinybird_cdk/schema.hpp>

#include "cli/commands.hpp"
#include "cli/schema_diff.hpp"
#include "cli/source_arguments.hpp"
#include "cli/table_text.hpp"

namespace tinybird_cdk::cli {

namespace {

struct SchemaArguments {
    SourceArguments source;
    std::vector<std::string> columns;
    std::uint64_t rows = 10;
    std::string output = "table";
    bool datafile = false;
    std::string data_source;
    bool diff = false;
    bool apply = false;
};

std::string optional_count(const std::optional<std::uint64_t>& count) {
    return count ? count_text(*count) : std::string();
}

int run_scopes(Context& context, const SchemaArguments& arguments) {
    const auto connector = arguments.source.make(context);
    const std::vector<ScopeItem> items = connector->list_scope(arguments.source.parsed_parents());
    if (arguments.output == "json") {
        ResultSet rows;
        for (const ScopeItem& item : items) {
            rows.push_back({{"name", item.name},
                            {"value", item.value},
                            {"kind", item.kind},
                            {"rows", item.rows ? Value(static_cast<std::int64_t>(*item.rows)) : Value(nullptr)},
                            {"bytes", item.bytes ? Value(static_cast<std::int64_t>(*item.bytes)) : Value(nullptr)}});
        }
        print(json_text(rows));
        return 0;
    }
    const std::vector<Scope> scopes = connector->get_scopes();
    const Scope& listed = scopes[arguments.source.parents.size()];
    std::vector<std::vector<std::string>> rows;
    for (const ScopeItem& item : items) {
        rows.push_back({item.value, item.kind, optional_count(item.rows),
                        item.bytes ? bytes_text(static_cast<double>(*item.bytes)) : ""});
    }
    print(table_text({listed.value, "kind", "rows", "size"}, rows));
    return 0;
}

std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U; }, ' ');
    return text;
}

/// Where the rows come from, and what a person should know of the columns.
std::string datafile_description(const schema::Schema& schema) {
    std::string text = "Rows of";
    for (const auto& [scope, name] : schema.scopes) {
        text += (&scope == &schema.scopes.front().first ? " " : ".") + one_line(name);
    }
    for (const schema::Column& column : schema.columns) {
        if (!column.remark.empty()) {
            // Not the name first: it could be one of a datafile's own words.
            text += "\n- " + one_line(column.name) + ": " + column.remark;
        }
    }
    return text;
}

int run_schema(Context& context, const SchemaArguments& arguments) {
    const schema::Schema schema = arguments.source.make(context)->suggest_schema(arguments.source.parsed_parents());
    if (arguments.diff || arguments.apply) {
        return run_schema_diff(context, schema, {arguments.data_source, arguments.apply, arguments.output == "json"});
    }
    if (arguments.datafile || arguments.output == "datafile") {
        print(schema.to_datafile(datafile_description(schema)));
    } else if (arguments.output == "json") {
        print(schema_json(schema));
    } else {
        print(schema_table(schema));
    }
    return 0;
}

int run_sample(Context& context, const SchemaArguments& arguments) {
    const auto connector = arguments.source.make(context);
    const schema::Schema schema = connector->suggest_schema(arguments.source.parsed_parents());
    const ResultSet rows = connector->sample(schema, arguments.columns, arguments.rows);
    print(arguments.output == "json" ? json_text(rows) : arguments.output == "csv" ? csv_text(rows) : table_text(rows));
    return 0;
}

CLI::App& add(CLI::App& app, const Choose& choose, const std::string& name, const std::string& text,
              const std::shared_ptr<SchemaArguments>& arguments, int (*run)(Context&, const SchemaArguments&),
              const std::vector<std::string>& outputs) {
    CLI::App& command = *app.add_subcommand(name, text);
    arguments->source.add_connector_to(command);
    arguments->source.add_parents_to(command);
    arguments->source.add_limits_to(command);
    command.add_option("-o,--output", arguments->output, "how it is written")
        ->check(CLI::IsMember(outputs))
        ->capture_default_str();
    command.callback([arguments, run, &choose] {
        choose([arguments, run](Context& context) {
            context.set_up_logger(true);
            return run(context, *arguments);
        });
    });
    return command;
}

}  // namespace

std::string schema_table(const schema::Schema& schema) {
    std::vector<std::vector<std::string>> rows;
    for (const schema::Column& column : schema.columns) {
        rows.push_back({column.name, column.source_type, column.type.to_string(), column.remark});
    }
    return table_text({"column", "source type", "ClickHouse type", "remark"}, rows) +
           "\nsorting key: " + schema.sorting_key_text() + "\n" +
           (schema.partition_key.empty() ? "" : "partition key: " + schema.partition_key + "\n");
}

std::string schema_json(const schema::Schema& schema) {
    Value::List columns;
    for (const schema::Column& column : schema.columns) {
        columns.emplace_back(
            Value::Record{{"name", column.name},
                          {"source_type", column.source_type},
                          {"type", column.type.to_string()},
                          {"jsonpath", column.jsonpath.empty() ? schema::jsonpath_of(column.name) : column.jsonpath},
                          {"remark", column.remark}});
    }
    Value::Record scopes;
    for (const auto& [scope, name] : schema.scopes) {
        scopes.emplace_back(scope, name);
    }
    Value::List key;
    for (const std::string& name : schema.sorting_key) {
        key.emplace_back(name);
    }
    return Value(Value::Record{{"table", schema.table},
                               {"scopes", scopes},
                               {"columns", columns},
                               {"engine", schema.engine},
                               {"sorting_key", key},
                               {"partition_key", schema.partition_key}})
               .to_json() +
           "\n";
}

void add_schema_commands(CLI::App& app, const Choose& choose) {
    add(app, choose, "scopes", "List what there is at the source: schemas, tables, …",
        std::make_shared<SchemaArguments>(), run_scopes, {"table", "json"});
    const auto schema = std::make_shared<SchemaArguments>();
    CLI::App& suggest = add(app, choose, "schema", "Suggest the data source that holds a table without loss", schema,
                            run_schema, {"table", "json", "datafile"});
    suggest.add_flag("--datafile", schema->datafile, "the same as --output datafile");
    suggest.add_option("-d,--data-source", schema->data_source, "the data source for --diff; by default as the table")
        ->type_name("NAME");
    suggest.add_flag("--diff", schema->diff,
                     "compare with the data source instead: what changed, and is it safe? Exit code 4 if anything did");
    suggest.add_flag("--apply", schema->apply, "add new columns to the data source; refused if anything would be lost");
    const auto sample = std::make_shared<SchemaArguments>();
    CLI::App& command =
        add(app, choose, "sample", "Show the first rows of a table", sample, run_sample, {"table", "json", "csv"});
    command.add_option("--column", sample->columns, "only these columns; repeatable")
        ->type_name("NAME")
        ->allow_extra_args(false);
    command.add_option("-n,--rows", sample->rows, "how many")
        ->type_name("N")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
}

}  // namespace tinybird_cdk::cli
