// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include <tinybird_cdk/conformance/case_file.hpp>
#include <tinybird_cdk/conformance/suite.hpp>
#include <tinybird_cdk/errors.hpp>

#include "cli/commands.hpp"
#include "cli/source_arguments.hpp"

namespace tinybird_cdk::cli {

namespace {

struct ConformanceArguments {
    std::string connector;
    std::string cases;
    std::vector<std::string> only;
    std::vector<std::string> formats;
    std::optional<std::uint64_t> seed;
    std::string datafiles;
    std::string output = "text";
    bool list = false;
};

/// The text of the cases and what to call it.
std::pair<std::string, std::string> cases_of(const ConformanceArguments& arguments) {
    if (!arguments.cases.empty()) {
        return {text_argument({}, arguments.cases), arguments.cases};
    }
    const auto text = conformance::built_in_cases(arguments.connector);
    if (!text) {
        // For the error that lists those that there are.
        static_cast<void>(conformance::Subject::of(arguments.connector, Environment::of({})));
        throw errors::InvalidArgument(fmt::format("connector \"{}\" brings along no cases", arguments.connector),
                                      "Write them down as docs/conformance.md says, and name the file with --cases.");
    }
    return {std::string(*text), arguments.connector + "/conformance.cases"};
}

void print_checks() {
    for (const conformance::CheckText& check : conformance::checks()) {
        print(fmt::format("{:<18} {}\n", check.name, check.text));
    }
}

void write_datafiles(const conformance::Subject& subject, const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    for (const auto& [name, schema] : conformance::data_sources(subject)) {
        const std::filesystem::path file = directory / (name + ".datasource");
        std::ofstream stream(file, std::ios::binary);
        stream << schema.to_datafile();
        stream.close();
        if (!stream) {
            throw errors::Error(fmt::format("can't write {}", file.string()));
        }
        print(file.string() + "\n");
    }
}

/// A local Tinybird, unless one is named.
void use_some_tinybird(Context& context) {
    const Environment& environment = context.environment();
    if (!context.options().local && environment.get("TB_CDK_TOKEN").value_or("").empty()) {
        context.use_local({});
    }
}

int run_conformance(Context& context, const ConformanceArguments& arguments) {
    if (arguments.list) {
        print_checks();
        return 0;
    }
    if (arguments.connector.empty() && arguments.cases.empty()) {
        throw errors::InvalidArgument("nothing says which connector to check", "Give --connector, or --cases.");
    }
    const auto [text, name] = cases_of(arguments);
    use_some_tinybird(context);
    conformance::CaseFile cases(text, name, context.environment(), arguments.connector);
    if (!arguments.formats.empty()) {
        cases.subject().formats.clear();
        for (const std::string& format : arguments.formats) {
            cases.subject().formats.push_back(formats::parse(format));
        }
    }
    if (!arguments.datafiles.empty()) {
        write_datafiles(cases.subject(), arguments.datafiles);
        return 0;
    }
    conformance::Options options;
    options.only = arguments.only;
    options.seed = arguments.seed;
    options.stop = context.stop();
    options.catch_output = !context.options().verbose;
    options.on_seed = [&](std::uint64_t seed) { context.say(fmt::format("random data of --seed {}", seed)); };
    std::string check;
    options.on_result = [&](const conformance::Result& result) {
        if (result.check != std::exchange(check, result.check) && context.shows_progress()) {
            context.say("checking " + check);
        }
    };
    const conformance::Report report = conformance::run(cases.subject(), options);
    print(arguments.output == "json"       ? report.to_json() + "\n"
          : arguments.output == "markdown" ? report.to_markdown()
                                           : report.to_text());
    return static_cast<int>(report.failed() == 0 ? errors::ExitCode::done : errors::ExitCode::data_refused);
}

}  // namespace

void add_conformance_command(CLI::App& app, const Choose& choose) {
    auto arguments = std::make_shared<ConformanceArguments>();
    CLI::App& command =
        *app.add_subcommand("conformance", "Check a connector with the suite that every SQL connector passes");
    command.add_option("-c,--connector", arguments->connector, "what to check; `tb-cdk connectors` lists them")
        ->type_name("NAME");
    command
        .add_option("--cases", arguments->cases,
                    "a file with the types and values to check, instead of the built-in ones")
        ->type_name("FILE");
    command.add_option("--only", arguments->only, "only this check; repeatable")
        ->type_name("CHECK")
        ->allow_extra_args(false);
    command.add_option("-f,--format", arguments->formats, "only this format; repeatable")
        ->type_name("FORMAT")
        ->allow_extra_args(false);
    command.add_option("--seed", arguments->seed, "of the random data, as a run before printed it")->type_name("N");
    command
        .add_option("--datafiles", arguments->datafiles,
                    "run nothing: write the .datasource files of the suite's data sources there")
        ->type_name("DIR");
    command.add_flag("--list", arguments->list, "run nothing: list the checks");
    command.add_option("-o,--output", arguments->output, "how the report is written")
        ->check(CLI::IsMember({"text", "json", "markdown"}))
        ->capture_default_str();
    command.footer(
        "Into a local Tinybird, started for the run, unless TB_CDK_TOKEN is set. The source's variables are those "
        "that\n"
        "`tb-cdk connectors` lists; its user must be allowed to make tables. Exit code 3 if a check failed.");
    command.callback([arguments, &choose] {
        choose([arguments](Context& context) {
            context.set_up_logger(true);
            return run_conformance(context, *arguments);
        });
    });
}

}  // namespace tinybird_cdk::cli
