// SPDX-License-Identifier: Apache-2.0
//
// The way to a table, and what the connector says of it.
#include "conformance/checks.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace tinybird_cdk::conformance {

namespace {

std::string joined(const std::vector<std::string>& texts) {
    std::string result;
    for (const std::string& text : texts) {
        result += (result.empty() ? "" : " | ") + text;
    }
    return result;
}

std::string column_names(const schema::Schema& schema) {
    std::vector<std::string> names;
    for (const schema::Column& column : schema.columns) {
        names.push_back(column.name);
    }
    return joined(names);
}

void expect_listed(Trial& trial, const std::string& table) {
    const auto connector = trial.connector();
    const Parents all = trial.parents(table);
    Parents chosen;
    for (const Scope& scope : connector->get_scopes()) {
        const auto wanted = all.find(scope.value);
        if (wanted == all.end()) {
            fail("the scopes of the subject", "a value for \"" + scope.value + "\"", "none");
        }
        const std::vector<ScopeItem> items = connector->list_scope(chosen);
        std::vector<std::string> values;
        std::set<std::string> unique;
        for (const ScopeItem& item : items) {
            values.push_back(item.value);
            if (!unique.insert(item.value).second) {
                fail("what is in scope \"" + scope.value + "\"", "each item once", item.value + " twice");
            }
        }
        if (!unique.contains(wanted->second)) {
            fail("what is in scope \"" + scope.value + "\"", "\"" + wanted->second + "\" among it", joined(values));
        }
        chosen.insert(*wanted);
    }
}

/// Names that need quotes in any language: reserved words, spaces, cases, quotes, other scripts (of the basic
/// multilingual plane, for MySQL takes no other).
std::vector<std::string> odd_names(const std::string& quote) {
    return {"select", "two words", "CamelCase", "quo" + quote + "ted", "ünï 漢字", "a.b", "it's", "x,y;--", "$1"};
}

}  // namespace

void check_scopes(Trial& trial, Recorder& recorder) {
    recorder.run("names", {}, [&] {
        const auto scopes = trial.connector()->get_scopes();
        if (scopes.empty()) {
            fail("scopes", "at least one", "none");
        }
        for (const Scope& scope : scopes) {
            if (scope.name.empty() || scope.value.empty()) {
                fail("a scope", "a name for people and one for programs",
                     "\"" + scope.name + "\", \"" + scope.value + "\"");
            }
        }
    });
    recorder.run("lead_to_a_table", {}, [&] {
        trial.make_numbers("listed", 1);
        expect_listed(trial, "listed");
    });
    recorder.run("unknown_scope", {}, [&] {
        error_of("a scope that there is not", "InvalidArgument", [&] {
            trial.connector()->list_scope({{"no such scope", "x"}});
        });
    });
}

void check_schema(Trial& trial, Recorder& recorder) {
    bool made = false;
    const auto suggested = [&] {
        if (!made) {
            trial.make_table("described",
                             fmt::format("id {} NOT NULL PRIMARY KEY, name {} {}, rest {} {}", trial.dialect().integer,
                                         trial.dialect().text, trial.dialect().column_null, trial.dialect().integer,
                                         trial.dialect().column_null),
                             {"INSERT INTO " + trial.table("described") + " VALUES (7, 'seven', 70)"});
            made = true;
        }
        return trial.connector()->suggest_schema(trial.parents("described"));
    };
    recorder.run("columns", {}, [&] { expect_equal("columns", "id | name | rest", column_names(suggested())); });
    recorder.run("not_null", {}, [&] {
        const schema::Schema schema = suggested();
        expect_equal("the type of a column that is never NULL", "not Nullable",
                     schema.columns.at(0).type.nullable() ? "Nullable" : "not Nullable");
        expect_equal("the type of a column that may be NULL", "Nullable",
                     schema.columns.at(1).type.nullable() ? "Nullable" : "not Nullable");
    });
    recorder.run("primary_key", {}, [&] { expect_equal("the sorting key", "id", joined(suggested().sorting_key)); });
    recorder.run("chosen_columns", {}, [&] {
        const schema::Schema schema = suggested();
        const ResultSet rows = trial.connector()->sample(schema, {"rest", "id"}, 1);
        expect_equal("rows of a sample", 1, rows.size());
        expect_equal("a sample of two columns", R"({"rest":70,"id":7})", Value(rows.at(0)).to_json());
    });
    recorder.run("unknown_column", {}, [&] {
        const schema::Schema schema = suggested();
        error_of("a query of a column that there is not", "InvalidArgument",
                 [&] { trial.connector()->ingest_query(schema, {"no_such_column"}); });
    });
    recorder.run("unknown_table", {}, [&] {
        error_of("the schema of a table that there is not",
                 [&] { trial.connector()->suggest_schema(trial.parents("no_such_table")); });
    });
}

void check_identifiers(Trial& trial, Recorder& recorder) {
    const std::string& quote = trial.dialect().quote;
    const std::string table = "Odd " + quote + "table" + quote + " 漢 it's";
    const std::vector<std::string> names = odd_names(quote);
    bool made = false;
    const auto prepare = [&] {
        if (made) {
            return;
        }
        std::string definition;
        std::string values;
        for (std::size_t i = 0; i < names.size(); ++i) {
            definition += fmt::format("{}{} {} NOT NULL", i == 0 ? "" : ", ", trial.identifier(names[i]),
                                      trial.dialect().integer);
            values += fmt::format("{}{}", i == 0 ? "" : ", ", i + 1);
        }
        trial.make_table(table, definition, {"INSERT INTO " + trial.table(table) + " VALUES (" + values + ")"});
        made = true;
    };
    recorder.run("listed", {}, [&] {
        prepare();
        expect_listed(trial, table);
    });
    recorder.run("suggested", {}, [&] {
        prepare();
        expect_equal("columns", joined(names), column_names(trial.connector()->suggest_schema(trial.parents(table))));
    });
    recorder.each_format("loaded", [&](Format format) {
        prepare();
        const auto connector = trial.connector();
        const schema::Schema schema = connector->suggest_schema(trial.parents(table));
        const std::string target = trial.make_data_source(schema);
        connector->append(connector->ingest_query(schema), target, trial.load_options(format));
        const ResultSet rows = trial.tinybird().query("SELECT * FROM " + target);
        expect_equal("rows", 1, rows.size());
        std::string got;
        std::string expected;
        for (std::size_t i = 0; i < rows.at(0).size(); ++i) {
            got += rows[0][i].second.to_text() + " ";
            expected += std::to_string(i + 1) + " ";
        }
        expect_equal("values, in the order of the columns", expected, got);
        // Data sources differ by a random name, so the next format has one of its own.
    });
}

}  // namespace tinybird_cdk::conformance
