// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/conformance/suite.hpp>

#include <algorithm>
#include <array>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

#include "conformance/caught_output.hpp"
#include "conformance/checks.hpp"
#include "conformance/type_tables.hpp"

namespace tinybird_cdk::conformance {

namespace {

struct Check {
    CheckText text;
    void (*run)(Trial&, Recorder&);
};

constexpr std::array all_checks{
    Check{{"connection", "a wrong host, port, password or database gives a clear error"}, check_connection},
    Check{{"secrets", "a secret in any variable shows in no error and no log"}, check_secrets},
    Check{{"scopes", "the scopes lead to a table; unknown ones are refused"}, check_scopes},
    Check{{"schema", "columns, NULL, primary key and samples are those of the table"}, check_schema},
    Check{{"identifiers", "reserved words, quotes, spaces and other scripts are names as any other"},
          check_identifiers},
    Check{{"types", "every type and edge value arrives as it left, into a data source of the author's types"},
          check_types},
    Check{{"suggested", "the same into a data source of the types that the connector suggests"}, check_suggested_types},
    Check{{"refused", "what the suggested type can't hold is refused, naming the column, and nothing stays"},
          check_refused_values},
    Check{{"null_and_empty", "NULL, '' and the text NULL stay different"}, check_null_and_empty},
    Check{{"random_text", "random text with line breaks, quotes and other scripts arrives byte for byte"},
          check_random_text},
    Check{{"wide_rows", "a table of 500 columns is suggested and loaded"}, check_wide_rows},
    Check{{"long_text", "a value of 64 MB arrives"}, check_long_text},
    Check{{"row_limit", "a limit gives so many rows and no more"}, check_row_limit},
    Check{{"empty_result", "no rows append nothing, and replace all"}, check_empty_result},
    Check{{"no_columns", "what gives no columns is refused"}, check_no_columns},
    Check{{"bad_sql", "bad SQL is an error of the caller, leaves nothing, and the connector goes on"}, check_bad_sql},
    Check{{"replace_condition", "only rows that the condition selects are replaced"}, check_replace_condition},
    Check{{"same_rows_twice", "two reads give the same rows"}, check_same_rows_twice},
    Check{{"cursor", "an incremental load gives what is new, and nothing for a cursor in the future"}, check_cursor},
    Check{{"cancel", "a stop ends a load at once, at the source too, and nothing stays"}, check_cancel},
    Check{{"clean_up", "a failed load leaves no rows, no descriptor, no lock and no statement"}, check_clean_up},
    Check{{"cut_wire", "a wire to the source that is cut at a random byte is an error, never a part of the rows"},
          check_cut_wire},
    Check{{"snapshot", "a load is of one snapshot, whatever others write meanwhile"}, check_snapshot},
};

bool is_wanted(const Options& options, std::string_view name) {
    return options.only.empty() || std::find(options.only.begin(), options.only.end(), name) != options.only.end();
}

void refuse_unknown(const Options& options) {
    for (const std::string& name : options.only) {
        if (std::none_of(all_checks.begin(), all_checks.end(),
                         [&](const Check& check) { return check.text.name == name; })) {
            std::string known;
            for (const Check& check : all_checks) {
                known += (known.empty() ? "" : ", ") + std::string(check.text.name);
            }
            throw errors::InvalidArgument("there is no check \"" + name + "\"", "The checks are: " + known + ".");
        }
    }
}

void refuse_incomplete(const Subject& subject) {
    if (subject.name.empty() || !subject.make || !subject.statements || subject.formats.empty()) {
        throw errors::InvalidArgument("the subject of the conformance suite is not complete",
                                      "It needs a name, make, statements and at least one format.");
    }
    for (const auto& [name, reason] : subject.skips) {
        const std::string check = name.substr(0, name.find('/'));
        if (std::none_of(all_checks.begin(), all_checks.end(),
                         [&](const Check& known) { return known.text.name == check; })) {
            throw errors::InvalidArgument("the subject skips \"" + name + "\", and there is no such check");
        }
        static_cast<void>(Skipped(reason));
    }
}

/// The suite makes and removes data sources of these names: one of somebody else's must not be touched.
void refuse_taken_names(Trial& trial) {
    std::vector<std::string> names{ingest_name(trial.subject())};
    for (const Format format : trial.subject().formats) {
        names.push_back(export_name(trial.subject(), format));
    }
    for (const std::string& name : names) {
        if (trial.tinybird().data_source(name)) {
            throw errors::InvalidArgument("there is a data source \"" + name + "\" already",
                                          "The conformance suite makes one of this name and removes it: use another "
                                          "workspace, or a local Tinybird (--local).");
        }
    }
}

/// Formats that the connector can't give, with what it says.
std::map<Format, std::string> refused_formats(Trial& trial) {
    const CaughtOutput caught(trial.options().catch_output);
    std::map<Format, std::string> refused;
    std::string target;
    try {
        trial.make_numbers("formats", 1);
        target = trial.make_data_source(schema_of({{"id", "Int64"}, {"v", "Int64"}}));
    } catch (const errors::InterruptedError&) {
        throw;
    } catch (const std::exception&) {
        // Whatever is wrong is for the checks to find.
        return refused;
    }
    for (const Format format : trial.subject().formats) {
        try {
            trial.connector()->append("SELECT id, v FROM " + trial.table("formats"), target,
                                      trial.load_options(format));
        } catch (const errors::UnsupportedFormatError& error) {
            refused[format] = error.what();
        } catch (const errors::Error&) {
            // Likewise.
        }
    }
    return refused;
}

}  // namespace

Subject Subject::of(std::string_view connector, const Environment& environment) {
    const auto specs = connectors();
    const auto found =
        std::find_if(specs.begin(), specs.end(), [&](const ConnectorSpec* spec) { return spec->name == connector; });
    Subject subject;
    subject.name = connector;
    subject.environment = environment;
    subject.make = [name = subject.name](const Environment& chosen) { return sql_connector_for(name, chosen); };
    if (found == specs.end()) {
        // For its error, which lists those that there are.
        static_cast<void>(connector_for(connector, environment));
        return subject;
    }
    for (const ConfigOption& option : (*found)->options) {
        subject.variables.emplace_back(option.variable);
        if (option.secret) {
            subject.secret_variables.emplace_back(option.variable);
        }
    }
    return subject;
}

std::vector<CheckText> checks() {
    std::vector<CheckText> texts;
    for (const Check& check : all_checks) {
        texts.push_back(check.text);
    }
    return texts;
}

Report run(const Subject& subject, const Options& options) {
    refuse_unknown(options);
    refuse_incomplete(subject);
    Report report(subject.name);
    Trial trial(subject, options);
    refuse_taken_names(trial);
    const auto refused = refused_formats(trial);
    for (const Check& check : all_checks) {
        if (!is_wanted(options, check.text.name)) {
            continue;
        }
        Recorder recorder(trial, std::string(check.text.name));
        recorder.refused_formats(refused);
        check.run(trial, recorder);
        for (const Result& result : recorder.results()) {
            report.add(result);
            if (options.on_result) {
                options.on_result(result);
            }
        }
    }
    return report;
}

}  // namespace tinybird_cdk::conformance
