// SPDX-License-Identifier: Apache-2.0
#include "cli/schema_diff.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/schema_compare.hpp>

#include "cli/table_text.hpp"

namespace tinybird_cdk::cli {

namespace {

using schema::Change;

std::string_view kind_text(Change::Kind kind) {
    switch (kind) {
        case Change::Kind::added:
            return "added";
        case Change::Kind::removed:
            return "removed";
        case Change::Kind::changed:
            return "changed";
    }
    return "";
}

std::string type_text(const std::optional<schema::Type>& type) {
    return type ? type->to_string() : std::string();
}

std::string diff_table(const std::vector<Change>& changes) {
    std::vector<std::vector<std::string>> rows;
    for (const Change& change : changes) {
        rows.push_back({std::string(kind_text(change.kind)), change.column, type_text(change.source),
                        type_text(change.target), change.safe ? "yes" : "no", change.text});
    }
    return table_text({"change", "column", "table", "data source", "safe", "what it means"}, rows);
}

std::string diff_json(const std::string& data_source, const std::vector<Change>& changes, bool applied) {
    Value::List list;
    for (const Change& change : changes) {
        list.emplace_back(Value::Record{{"change", std::string(kind_text(change.kind))},
                                        {"column", change.column},
                                        {"table_type", change.source ? Value(type_text(change.source)) : Value()},
                                        {"data_source_type", change.target ? Value(type_text(change.target)) : Value()},
                                        {"safe", Value(change.safe)},
                                        {"text", change.text}});
    }
    return Value(Value::Record{{"data_source", data_source}, {"changes", list}, {"applied", Value(applied)}})
               .to_json() +
           "\n";
}

/// Jsonpaths are kept as they are: a data source for CSV alone has none.
std::string parameter_of(const schema::Schema& changed, const std::vector<schema::Column>& live) {
    return changed.to_parameter(
        std::any_of(live.begin(), live.end(), [](const schema::Column& column) { return !column.jsonpath.empty(); }));
}

}  // namespace

int run_schema_diff(Context& context, const schema::Schema& table, const SchemaDiffArguments& arguments) {
    const std::string name =
        arguments.data_source.empty() ? schema::data_source_name(table.table) : arguments.data_source;
    const auto live = context.tinybird().data_source(name);
    if (!live) {
        throw errors::InvalidArgument(fmt::format("there is no data source \"{}\" to compare with", name),
                                      "Name it with --data-source; `--datafile` writes the definition of a new one.");
    }
    const std::vector<Change> changes = schema::compare(table, live->columns);
    if (changes.empty()) {
        print(arguments.json ? diff_json(name, changes, false)
                             : fmt::format("{} holds every value of the table: nothing to change\n", name));
        return 0;
    }
    bool applied = false;
    if (arguments.apply) {
        if (const auto wanted = schema::with_additions(table, live->columns)) {
            context.tinybird().alter(name, parameter_of(*wanted, live->columns));
            applied = true;
        }
    }
    print(arguments.json ? diff_json(name, changes, applied) : diff_table(changes));
    if (arguments.apply) {
        context.say(applied ? fmt::format("the new columns are in {}", name) : "there is no new column to add");
        return static_cast<int>(errors::ExitCode::done);
    }
    return static_cast<int>(errors::ExitCode::schema_drift);
}

}  // namespace tinybird_cdk::cli
