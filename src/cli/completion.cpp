// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>

#include <tinybird_cdk/registry.hpp>

#include "cli/commands.hpp"

namespace tinybird_cdk::cli {

namespace {

/// All the words that begin with a dash, of a command and of the program itself.
std::string options_of(const CLI::App& command) {
    std::string words;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            words += (words.empty() ? "--" : " --") + name;
        }
    }
    return words;
}

std::string command_names(const CLI::App& app) {
    std::string words;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        words += (words.empty() ? "" : " ") + command->get_name();
    }
    return words;
}

std::string connector_names() {
    std::string words;
    for (const ConnectorSpec* spec : connectors()) {
        words += (words.empty() ? "" : " ") + std::string(spec->name);
    }
    return words;
}

std::string cases_of(const CLI::App& app) {
    std::string cases;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        cases += fmt::format("            {}) words=\"{}\" ;;\n", command->get_name(), options_of(*command));
    }
    return cases;
}

std::string bash_script(const CLI::App& app) {
    return fmt::format(R"(_tb_cdk() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" command="" word words
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$word" in -*) ;; *) command="$word"; break ;; esac
    done
    case "$previous" in
        -c|--connector) words="{connectors}" ;;
        -f|--format) words="csv ndjson parquet" ;;
        --on-quarantine) words="warn fail" ;;
        --log-format) words="text json" ;;
        *) case "$command" in
            "") words="{commands} {globals}" ;;
{cases}        esac ;;
    esac
    # shellcheck disable=SC2207
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _tb_cdk tb-cdk
)",
                       fmt::arg("connectors", connector_names()), fmt::arg("commands", command_names(app)),
                       fmt::arg("globals", options_of(app)), fmt::arg("cases", cases_of(app)));
}

std::string fish_script(const CLI::App& app) {
    std::string text = fmt::format("complete -c tb-cdk -f -n __fish_use_subcommand -a '{}'\n", command_names(app));
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        for (const CLI::Option* option : command->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                const std::string values = name == "connector" ? fmt::format(" -x -a '{}'", connector_names()) : "";
                text += fmt::format("complete -c tb-cdk -n '__fish_seen_subcommand_from {}' -l {}{}\n",
                                    command->get_name(), name, values);
            }
        }
    }
    return text;
}

}  // namespace

void add_completion_command(CLI::App& app, const Choose& choose) {
    auto shell = std::make_shared<std::string>();
    CLI::App& command = *app.add_subcommand("completion", "Print a completion script for a shell");
    command.add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command.footer(
        "bash: source <(tb-cdk completion bash)\nzsh:  source <(tb-cdk completion zsh)\n"
        "fish: tb-cdk completion fish | source");
    command.callback([shell, &app, &choose] {
        choose([shell, &app](Context&) {
            if (*shell == "fish") {
                print(fish_script(app));
            } else {
                print((*shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "") + bash_script(app));
            }
            return 0;
        });
    });
}

}  // namespace tinybird_cdk::cli
