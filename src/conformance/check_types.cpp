// SPDX-License-Identifier: Apache-2.0
//
// Every type of the source with its edge values, in every format, read back and compared with what the source says.
#include "conformance/checks.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "conformance/type_tables.hpp"

namespace tinybird_cdk::conformance {

namespace {

/// All types are loaded at once; if that fails each goes by itself, so that those to blame are found.
class Loads {
public:
    /// @param load of some of the types into a data source that it makes, whose name it gives
    using Load = std::function<std::string(Format, const std::vector<const TypeCase*>&, bool all)>;
    Loads(TypeTables& tables, Load load) : tables_(tables), load_(std::move(load)) {}

    void check(Format format, const TypeCase& type, const std::vector<const TypeCase*>& all) {
        if (const std::string reason = tables_.reason(type); !reason.empty()) {
            fail("the source does not take the type or a value of it", "", reason);
        }
        if (!arrived_.contains(format)) {
            try {
                arrived_[format] = tables_.arrived(all, load_(format, all, true));
            } catch (const errors::Error&) {
                // One of them is to blame, and will be found alone.
                arrived_[format] = {};
            }
        }
        const TypeTables::Arrived& together = arrived_[format];
        if (const auto found = together.find(type.name); found != together.end()) {
            tables_.compare(type, found->second);
        } else {
            tables_.compare(type, tables_.arrived({&type}, load_(format, {&type}, false))[type.name]);
        }
    }

private:
    TypeTables& tables_;
    const Load load_;
    std::map<Format, TypeTables::Arrived> arrived_;
};

void for_each_type(Trial& trial, Recorder& recorder, TypeTables& tables, bool suggested_only, Loads& loads) {
    std::vector<const TypeCase*> all = tables.cases();
    std::erase_if(all, [&](const TypeCase* type) {
        return (suggested_only && !type->suggest) || recorder.is_skipped(type->name);
    });
    for (const TypeCase& type : trial.subject().types) {
        if (!suggested_only || type.suggest) {
            recorder.each_format(type.name, [&](Format format) { loads.check(format, type, all); });
        }
    }
}

/// The tables are there for both checks, whichever comes first.
TypeTables& tables_of(Trial& trial) {
    return trial.kept<TypeTables>([&] { return std::make_unique<TypeTables>(trial); });
}

/// Only some of a table's columns, each suggested by the connector.
schema::Schema part_of(schema::Schema schema, const std::vector<const TypeCase*>& types) {
    std::erase_if(schema.columns, [&](const schema::Column& column) {
        return column.name != "id" && std::none_of(types.begin(), types.end(),
                                                   [&](const TypeCase* type) { return type->name == column.name; });
    });
    schema.sorting_key.clear();
    return schema;
}

}  // namespace

void check_types(Trial& trial, Recorder& recorder) {
    recorder.run("the table is made", {}, [&] { tables_of(trial); });
    if (!std::holds_alternative<Passed>(recorder.results().back().outcome)) {
        return;
    }
    TypeTables& tables = tables_of(trial);
    Loads loads(tables, [&](Format format, const std::vector<const TypeCase*>& types, bool all) {
        std::string target =
            trial.make_data_source(tables.target(types), all ? export_name(trial.subject(), format) : std::string());
        LoadOptions options = trial.load_options(format);
        options.verify = true;
        const LoadResult result = trial.connector()->append(tables.query(types), target, options);
        expect_equal("rows that the load counts", tables.rows(), result.rows.value_or(tables.rows()));
        return target;
    });
    for_each_type(trial, recorder, tables, false, loads);
}

void check_suggested_types(Trial& trial, Recorder& recorder) {
    std::optional<schema::Schema> suggested;
    recorder.run("the schema is suggested", {}, [&] {
        tables_of(trial);
        suggested = trial.connector()->suggest_schema(trial.parents("types"));
    });
    if (!suggested) {
        return;
    }
    TypeTables& tables = tables_of(trial);
    for (const TypeCase& type : trial.subject().types) {
        if (type.suggest && !type.suggested_type.empty()) {
            recorder.run(type.name, {}, [&] {
                const auto found = std::find_if(suggested->columns.begin(), suggested->columns.end(),
                                                [&](const schema::Column& column) { return column.name == type.name; });
                expect_equal("the suggested type", type.suggested_type,
                             found == suggested->columns.end() ? "no column" : found->type.to_string());
            });
        }
    }
    std::string made;
    Loads loads(tables, [&](Format format, const std::vector<const TypeCase*>& types, bool all) {
        const schema::Schema schema = part_of(*suggested, types);
        const auto connector = trial.connector();
        std::vector<std::string> names;
        for (const schema::Column& column : schema.columns) {
            names.push_back(column.name);
        }
        if (all && !made.empty()) {
            trial.drop_data_source(made);
        }
        std::string target = trial.make_data_source(schema, all ? ingest_name(trial.subject()) : std::string());
        if (all) {
            made = target;
        }
        connector->append(connector->ingest_query(*suggested, names), target, trial.load_options(format));
        return target;
    });
    // One format after the other: there is one data source for all.
    for (const Format format : trial.subject().formats) {
        std::vector<const TypeCase*> all = tables.cases();
        std::erase_if(all, [&](const TypeCase* type) { return !type->suggest || recorder.is_skipped(type->name); });
        for (const TypeCase& type : trial.subject().types) {
            if (type.suggest) {
                recorder.one_format(type.name, format, [&] { loads.check(format, type, all); });
            }
        }
    }
}

void check_refused_values(Trial& trial, Recorder& recorder) {
    const auto& types = trial.subject().types;
    if (recorder.is_skipped({}) ||
        std::none_of(types.begin(), types.end(), [](const TypeCase& type) { return !type.refused.empty(); })) {
        recorder.run({}, {}, [] {
            fail("the subject", "a value that must be refused, or a reason to skip refused", "neither");
        });
        return;
    }
    for (const TypeCase& type : types) {
        if (type.refused.empty()) {
            continue;
        }
        const std::string table = "refused_" + type.name;
        bool made = false;
        const auto prepare = [&] {
            if (made) {
                return;
            }
            trial.make_table(
                table, fmt::format("id {} NOT NULL, {}", trial.dialect().integer, column_definition(trial, type, "v")));
            std::vector<std::string> inserts{
                fmt::format("INSERT INTO {} VALUES (0, {})", trial.table(table), type.values.at(0))};
            for (std::size_t i = 0; i < type.refused.size(); ++i) {
                inserts.push_back(
                    fmt::format("INSERT INTO {} VALUES ({}, {})", trial.table(table), i + 1, type.refused[i]));
            }
            trial.execute(inserts);
            made = true;
        };
        recorder.each_format(type.name, [&](Format format) {
            prepare();
            const auto connector = trial.connector();
            const schema::Schema suggested = connector->suggest_schema(trial.parents(table));
            if (suggested.columns.at(1).remark.empty()) {
                fail("the suggested column", "a remark on the values that it can't hold", "none");
            }
            const std::string target = trial.make_data_source(suggested);
            for (std::size_t i = 0; i < type.refused.size(); ++i) {
                const std::string query = fmt::format("SELECT * FROM ({}) AS s WHERE id IN (0, {}) ORDER BY id",
                                                      connector->ingest_query(suggested), i + 1);
                const SeenError seen = error_of("a load of " + type.refused[i], "RefusedValueError",
                                                [&] { connector->append(query, target, trial.load_options(format)); });
                if (seen.message.find("\"v\"") == std::string::npos) {
                    fail("the message for " + type.refused[i], "the name of the column, \"v\"", seen.message);
                }
                expect_equal("rows after " + type.refused[i] + " was refused", 0, trial.count(target));
            }
        });
    }
}

std::vector<std::pair<std::string, schema::Schema>> data_sources(const Subject& subject) {
    const Options options;
    Trial trial(subject, options);
    TypeTables& tables = tables_of(trial);
    std::vector<std::pair<std::string, schema::Schema>> result;
    for (const Format format : subject.formats) {
        result.emplace_back(export_name(trial.subject(), format), tables.target(tables.cases()));
    }
    schema::Schema suggested = trial.connector()->suggest_schema(trial.parents("types"));
    suggested.sorting_key.clear();
    result.emplace_back(ingest_name(trial.subject()), std::move(suggested));
    return result;
}

}  // namespace tinybird_cdk::conformance
