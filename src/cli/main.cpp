// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include <unistd.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>
#include <tinybird_cdk/version.hpp>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/interrupt.hpp"

namespace tinybird_cdk::cli {
namespace {

constexpr const char* footer =
    "Tinybird: TB_CDK_TOKEN and TB_CDK_TAG (and TB_CDK_ENDPOINT for a region of its own), or --local to try without "
    "an\n"
    "account. Sources: the variables that `tb-cdk connectors` lists.\n\n"
    "Exit codes: 0 done, 1 bad input or configuration, 2 temporary (worth retrying), 3 data refused or not proved,\n"
    "4 schema drift, 130 interrupted.";

void add_global_options(CLI::App& app, GlobalOptions& options) {
    app.add_option_function<std::string>(
           "--local", [&options](const std::string& directory) { options.local = directory; },
           "use a local Tinybird for the length of the command; its data is kept in DIR, if one is given")
        ->type_name("=DIR")
        ->expected(0, 1)
        ->trigger_on_parse();
    app.add_option("--log-format", options.log_format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    app.add_flag("--quiet", options.quiet, "only warnings and errors");
    app.add_flag("--verbose", options.verbose, "debug messages too");
    app.add_flag("--no-progress", options.no_progress, "no progress line");
    app.add_flag("--no-color", options.no_color, "no colours; NO_COLOR does the same");
}

/// `--local` without a value must not take the next word for one.
std::vector<std::string> arguments_of(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    for (std::string& argument : arguments) {
        if (argument == "--local") {
            argument = "--local=";
        }
    }
    return {arguments.rbegin(), arguments.rend()};
}

void show_error(const GlobalOptions& options, std::string_view text, std::string_view hint) {
    if (options.log_format == "json") {
        logger::Options log;
        log.stream = logger::Stream::standard_error;
        log.layout = logger::Layout::json;
        logger::configure(log);
        logger::error(hint.empty() ? std::string(text) : fmt::format("{} {}", text, hint));
        return;
    }
    const bool color = ::isatty(STDERR_FILENO) == 1 && !options.no_color;
    fmt::print(stderr, "{}error:{} {}\n", color ? "\x1b[31m" : "", color ? "\x1b[0m" : "", logger::mask(text));
    if (!hint.empty()) {
        fmt::print(stderr, "hint: {}\n", logger::mask(hint));
    }
}

/// CLI11 asks for a subcommand also when the one that was given is none of them.
std::string problem_of(const CLI::App& app, const CLI::ParseError& error) {
    const std::vector<std::string> unknown = app.remaining();
    if (unknown.empty() || !app.get_subcommands().empty()) {
        return error.what();
    }
    return fmt::format("there is no {} {}", unknown.front().starts_with("-") ? "option" : "command", unknown.front());
}

int run(int argc, char** argv) {
    GlobalOptions options;
    Run chosen;
    const Choose choose = [&chosen](Run command) { chosen = std::move(command); };
    CLI::App app("Move data from databases into Tinybird.", "tb-cdk");
    app.set_version_flag("--version", std::string("tb-cdk ") + version());
    app.footer(footer);
    app.require_subcommand(1);
    app.fallthrough();
    add_global_options(app, options);
    add_load_commands(app, choose);
    add_query_commands(app, choose);
    add_schema_commands(app, choose);
    add_check_command(app, choose);
    add_connectors_command(app, choose);
    add_conformance_command(app, choose);
    add_local_command(app, choose);
    add_demo_command(app, choose);
    add_completion_command(app, choose);

    try {
        app.parse(arguments_of(argc, argv));
    } catch (const CLI::Success& success) {
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        const auto commands = app.get_subcommands();
        show_error(options, problem_of(app, error),
                   fmt::format("see tb-cdk {}--help", commands.empty() ? "" : commands.front()->get_name() + " "));
        return static_cast<int>(errors::ExitCode::bad_input);
    }
    try {
        const Interrupt interrupt;
        Context context(options, interrupt.token());
        return chosen(context);
    } catch (const errors::InterruptedError& error) {
        show_error(options, error.what(), {});
        return static_cast<int>(error.exit_code());
    } catch (const errors::Error& error) {
        show_error(options, error.what(), error.hint());
        return static_cast<int>(error.exit_code());
    }
}

}  // namespace
}  // namespace tinybird_cdk::cli

int main(int argc, char** argv) {
    try {
        return tinybird_cdk::cli::run(argc, argv);
    } catch (const std::exception& error) {
        fmt::print(stderr, "error: {}\n", tinybird_cdk::logger::mask(error.what()));
        return static_cast<int>(tinybird_cdk::errors::ExitCode::bad_input);
    }
}
