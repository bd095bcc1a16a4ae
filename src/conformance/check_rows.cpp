// SPDX-License-Identifier: Apache-2.0
//
// Which rows arrive: as many as wanted, none where there are none, the same ones each time.
#include "conformance/checks.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "conformance/placeholders.hpp"

namespace tinybird_cdk::conformance {

namespace {

/// A table of numbers that is made when it is first needed.
class Numbers {
public:
    Numbers(Trial& trial, std::string name, std::uint64_t rows) : trial_(trial), name_(std::move(name)), rows_(rows) {}

    std::string query(const std::string& condition = {}) {
        if (!made_) {
            trial_.make_numbers(name_, rows_);
            made_ = true;
        }
        return "SELECT id, v FROM " + trial_.table(name_) + (condition.empty() ? "" : " WHERE " + condition);
    }

private:
    Trial& trial_;
    const std::string name_;
    const std::uint64_t rows_;
    bool made_ = false;
};

std::string numbers_target(Trial& trial) {
    return trial.make_data_source(schema_of({{"id", "Int64"}, {"v", "Int64"}}));
}

std::string ids(Trial& trial, const std::string& target) {
    return trial.ask("toString(arraySort(groupArray(id)))", target).at(0);
}

}  // namespace

void check_row_limit(Trial& trial, Recorder& recorder) {
    Numbers numbers(trial, "limited", 10);
    recorder.each_format([&](Format format) {
        const std::array<std::pair<std::uint64_t, std::uint64_t>, 5> limits{
            {{3, 3}, {1, 1}, {0, 0}, {10, 10}, {1'000'000, 10}}};
        for (const auto& [limit, expected] : limits) {
            const std::string target = numbers_target(trial);
            LoadOptions options = trial.load_options(format);
            options.row_limit = limit;
            const LoadResult result = trial.connector()->append(numbers.query(), target, options);
            const std::string what = fmt::format("rows with a limit of {}", limit);
            expect_equal(what + ", in the data source", expected, trial.count(target));
            expect_equal(what + ", as the load counts", expected, result.rows.value_or(expected));
            trial.drop_data_source(target);
        }
    });
}

void check_empty_result(Trial& trial, Recorder& recorder) {
    Numbers numbers(trial, "emptied", 3);
    recorder.each_format("append", [&](Format format) {
        const std::string target = numbers_target(trial);
        trial.connector()->append(numbers.query(), target, trial.load_options(format));
        const LoadResult result = trial.connector()->append(numbers.query("v < 0"), target, trial.load_options(format));
        expect_equal("rows of a load of none", 0, result.rows.value_or(0));
        expect_equal("rows after an append of none", 3, trial.count(target));
    });
    recorder.each_format("replace", [&](Format format) {
        const std::string target = numbers_target(trial);
        trial.connector()->append(numbers.query(), target, trial.load_options(format));
        trial.connector()->replace(numbers.query("v < 0"), target, trial.load_options(format));
        expect_equal("rows after all were replaced by none", 0, trial.count(target));
    });
    recorder.run("query_db", {}, [&] {
        expect_equal("rows of query_db", 0, trial.connector()->query_db(numbers.query("v < 0")).size());
    });
}

void check_no_columns(Trial& trial, Recorder& recorder) {
    Numbers numbers(trial, "no_columns", 1);
    recorder.run("ingest_query", {}, [&] {
        numbers.query();
        schema::Schema schema = trial.connector()->suggest_schema(trial.parents("no_columns"));
        schema.columns.clear();
        error_of("a query of no columns", [&] { trial.connector()->ingest_query(schema); });
    });
    recorder.each_format("statements", [&](Format format) {
        if (trial.dialect().no_columns.empty()) {
            fail("the subject", "a statement without columns, or a reason to skip no_columns/statements", "neither");
        }
        numbers.query();
        for (const std::string& text : trial.dialect().no_columns) {
            const std::string statement = filled(text, {{"table", trial.table("no_columns")}});
            const std::string target = numbers_target(trial);
            error_of("a load of " + statement,
                     [&] { trial.connector()->append(statement, target, trial.load_options(format)); });
            expect_equal("rows after " + statement, 0, trial.count(target));
        }
    });
}

void check_replace_condition(Trial& trial, Recorder& recorder) {
    Numbers numbers(trial, "replaced", 10);
    recorder.each_format([&](Format format) {
        const std::string target = numbers_target(trial);
        const auto connector = trial.connector();
        LoadOptions options = trial.load_options(format);
        connector->append(numbers.query(), target, options);
        options.replace_condition = "v > 5";
        connector->replace(numbers.query("v > 5 AND v <= 7"), target, options);
        expect_equal("ids after a part was replaced", "[1,2,3,4,5,6,7]", ids(trial, target));
        options.replace_condition = "v <= 5";
        connector->replace(numbers.query("v < 0"), target, options);
        expect_equal("ids after a part was replaced by none", "[6,7]", ids(trial, target));
        options.replace_condition = "no_such_column = 1";
        error_of("a condition on a column that there is not",
                 [&] { connector->replace(numbers.query(), target, options); });
        expect_equal("ids after a failed replace", "[6,7]", ids(trial, target));
        options.replace_condition.clear();
        connector->replace(numbers.query("v = 9"), target, options);
        expect_equal("ids after all were replaced", "[9]", ids(trial, target));
    });
}

void check_same_rows_twice(Trial& trial, Recorder& recorder) {
    recorder.run("query_db", {}, [&] {
        trial.make_table("twice", fmt::format("id {} NOT NULL, v {} {}", trial.dialect().integer, trial.dialect().text,
                                              trial.dialect().column_null));
        std::string values;
        for (int i = 0; i < 500; ++i) {
            values += fmt::format("{}({}, '{}')", i == 0 ? "" : ", ", i, trial.random().text(5));
        }
        trial.execute({"INSERT INTO " + trial.table("twice") + " VALUES " + values});
        const std::string query = "SELECT id, v FROM " + trial.table("twice") + " ORDER BY id";
        const auto connector = trial.connector();
        const ResultSet first = connector->query_db(query);
        expect_equal("rows of query_db", 500, first.size());
        if (connector->query_db(query) != first) {
            fail("two results of the same query", "the same", "others");
        }
    });
    recorder.each_format("load", [&](Format format) {
        const std::string query = "SELECT id, v FROM " + trial.table("twice");
        std::string first;
        for (int pass = 0; pass < 2; ++pass) {
            const std::string target = trial.make_data_source(schema_of({{"id", "Int64"}, {"v", "Nullable(String)"}}));
            trial.connector()->append(query, target, trial.load_options(format));
            const std::string seen =
                trial.ask("toString(count()) || ' ' || toString(sum(cityHash64(id, v)))", target).at(0);
            if (pass == 1) {
                expect_equal("rows and the sum of their hashes, in a second load", first, seen);
            }
            first = seen;
        }
    });
}

void check_cursor(Trial& trial, Recorder& recorder) {
    Numbers numbers(trial, "cursor", 10);
    const auto append = [&](Format format, const std::string& target) {
        LoadOptions options = trial.load_options(format);
        options.incremental = {.column = "id", .lag = trial.dialect().cursor_lag};
        try {
            return trial.connector()->append(numbers.query(), target, options);
        } catch (const errors::InvalidArgument& error) {
            // What the base class says for a connector that has none.
            if (std::string_view(error.what()).find("no incremental loads") != std::string_view::npos) {
                throw CheckSkipped{error.what()};
            }
            throw;
        }
    };
    recorder.each_format("in_the_future", [&](Format format) {
        const std::string target = numbers_target(trial);
        trial.tinybird().append_data("1000000000000,0\n", target);
        append(format, target);
        expect_equal("ids after a load with a cursor in the future", "[1000000000000]", ids(trial, target));
    });
    recorder.each_format("first_and_next", [&](Format format) {
        const std::string target = numbers_target(trial);
        append(format, target);
        expect_equal("rows of a first load", 10, trial.count(target));
        append(format, target);
        expect_equal("rows after a second load", 10, trial.count(target));
    });
}

}  // namespace tinybird_cdk::conformance
