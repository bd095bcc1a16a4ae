// SPDX-License-Identifier: Apache-2.0
//
// What a connector says when it can't do what it is asked to, and that it says no secret.
#include "conformance/checks.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "conformance/placeholders.hpp"
#include "conformance/wire.hpp"

namespace tinybird_cdk::conformance {

namespace {

/// What every networked source can get wrong: a subject names a fault for each, or says why there is none.
constexpr std::array<std::string_view, 4> usual_faults{"host", "port", "password", "database"};

void expect_no_secret(const Trial& trial, const SeenError& seen) {
    if (trial.shows_secret(seen.message)) {
        fail("the message of an error", "no secret", seen.message);
    }
}

Environment with_fault(Trial& trial, const Fault& fault, const std::string& port) {
    Environment environment = trial.subject().environment;
    for (const auto& [variable, value] : fault.variables) {
        environment =
            environment.with(variable, filled(value, {{"closed_port", port}, {"secret", trial.new_secret()}}));
    }
    return environment;
}

void expect_clear_error(Trial& trial, const Fault& fault) {
    const std::string port = closed_port();
    const Environment environment = with_fault(trial, fault, port);
    const std::string says = filled(fault.says, {{"closed_port", port}});
    const SeenError seen =
        error_of("a connection with a wrong " + fault.name, [&] { trial.subject().make(environment)->list_scope(); });
    expect_no_secret(trial, seen);
    if (seen.message.find(says) == std::string::npos) {
        fail("the message of a wrong " + fault.name, "it contains \"" + says + "\"", seen.message);
    }
    if (seen.exit_code != errors::ExitCode::bad_input && seen.exit_code != errors::ExitCode::temporary) {
        fail("the class of the error of a wrong " + fault.name, "bad input (1) or temporary (2)",
             std::to_string(static_cast<int>(seen.exit_code)));
    }
}

/// Calls everything that may fail, with a secret in a variable. The calls may work all the same, or not.
void provoke(Trial& trial, const Environment& environment) {
    const std::string name = trial.table("secrets");
    const std::array<std::function<void(SqlConnector&)>, 6> calls{
        [](SqlConnector& connector) { connector.list_scope(); },
        [&](SqlConnector& connector) { connector.suggest_schema(trial.parents("no_such_table")); },
        [&](SqlConnector& connector) { connector.query_db("SELECT id FROM " + name); },
        [](SqlConnector& connector) { connector.query_db("SELEC nonsense"); },
        [&](SqlConnector& connector) { connector.append("SELECT id FROM " + name, "no_such_data_source"); },
        [&](SqlConnector& connector) { connector.query_tb("SELECT * FROM no_such_data_source"); }};
    for (const auto& call : calls) {
        try {
            call(*trial.subject().make(environment));
        } catch (const errors::Error& error) {
            expect_no_secret(trial, {std::string(error.what()) + " " + error.hint(), "", error.exit_code()});
        }
    }
}

}  // namespace

void check_connection(Trial& trial, Recorder& recorder) {
    recorder.run("works", {}, [&] { trial.connector()->list_scope(); });
    for (const Fault& fault : trial.subject().faults) {
        recorder.run(fault.name, {}, [&] { expect_clear_error(trial, fault); });
    }
    for (const std::string_view usual : usual_faults) {
        const std::string name(usual);
        const auto& faults = trial.subject().faults;
        if (std::none_of(faults.begin(), faults.end(), [&](const Fault& fault) { return fault.name == name; })) {
            recorder.run(name, {}, [&] {
                fail("the subject", "a fault \"" + name + "\", or a reason to skip connection/" + name, "neither");
            });
        }
    }
}

void check_secrets(Trial& trial, Recorder& recorder) {
    bool made = false;
    std::vector<std::string> variables = trial.subject().secret_variables;
    variables.emplace_back("TB_CDK_TOKEN");
    for (const std::string& variable : variables) {
        recorder.run(variable, {}, [&] {
            if (!made) {
                trial.make_numbers("secrets", 1);
                made = true;
            }
            const auto& values = trial.subject().secret_values;
            const auto value = values.find(variable);
            provoke(trial, trial.subject().environment.with(variable,
                                                            filled(value == values.end() ? "{secret}" : value->second,
                                                                   {{"secret", trial.new_secret()}})));
        });
    }
}

void check_bad_sql(Trial& trial, Recorder& recorder) {
    bool made = false;
    const auto prepare = [&] {
        if (!made) {
            trial.make_numbers("bad_sql", 2);
            made = true;
        }
        return trial.table("bad_sql");
    };
    const std::array<std::pair<std::string_view, std::string_view>, 4> statements{
        {{"syntax", "SELEC id FROM {table}"},
         {"column", "SELECT no_such_column FROM {table}"},
         {"table", "SELECT * FROM no_such_table"},
         {"empty", ""}}};
    for (const auto& [name, text] : statements) {
        recorder.each_format(std::string(name), [&, text = text](Format format) {
            const std::string query = filled(text, {{"table", prepare()}});
            const std::string target = trial.make_data_source(schema_of({{"id", "Int64"}, {"v", "Int64"}}));
            const auto connector = trial.connector();
            const SeenError seen = error_of("a load of " + (query.empty() ? "an empty query" : query),
                                            [&] { connector->append(query, target, trial.load_options(format)); });
            expect_equal("the exit code for bad SQL", std::uint64_t{1},
                         static_cast<std::uint64_t>(static_cast<int>(seen.exit_code)));
            error_of("query_db of bad SQL", [&] { connector->query_db(query); });
            expect_equal("rows after a failed load", 0, trial.count(target));
            const auto good = "SELECT id, v FROM " + prepare();
            connector->append(good, target, trial.load_options(format));
            expect_equal("rows of a good query by the same connector", 2, trial.count(target));
        });
    }
    recorder.run("second_statement", {}, [&] {
        const std::string name = prepare();
        try {
            trial.connector()->query_db(fmt::format("SELECT id FROM {0}; DROP TABLE {0}", name));
        } catch (const errors::Error&) {
            // Refused is as good as not run.
        }
        expect_equal("rows of a table that a second statement would have dropped", "2",
                     trial.column("SELECT count(*) FROM " + name).at(0));
    });
    recorder.run("write", {}, [&] {
        const std::string name = prepare();
        error_of("a statement that changes data", [&] { trial.connector()->query_db("DELETE FROM " + name); });
        expect_equal("rows of a table that a query would have emptied", "2",
                     trial.column("SELECT count(*) FROM " + name).at(0));
    });
}

}  // namespace tinybird_cdk::conformance
