// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <fmt/format.h>

#include <tinybird_cdk/registry.hpp>

#include "cli/commands.hpp"
#include "cli/types_text.hpp"

namespace tinybird_cdk::cli {

namespace {

std::string_view kind_text(ConnectorKind kind) noexcept {
    switch (kind) {
        case ConnectorKind::sql:
            return "SQL database";
        case ConnectorKind::cloud:
            return "object store";
        case ConnectorKind::streaming:
            return "stream";
    }
    return "";
}

std::string remark_of(const ConfigOption& option) {
    std::string remark = option.required ? "required" : "";
    if (!option.default_value.empty()) {
        remark += fmt::format("{}default {}", remark.empty() ? "" : ", ", option.default_value);
    }
    if (option.secret) {
        remark += fmt::format("{}secret", remark.empty() ? "" : ", ");
    }
    return remark.empty() ? "" : fmt::format(" ({})", remark);
}

void print_options(std::span<const ConfigOption> options) {
    std::size_t width = 0;
    for (const ConfigOption& option : options) {
        width = std::max(width, option.variable.size());
    }
    for (const ConfigOption& option : options) {
        print(fmt::format("    {:<{}}  {}{}\n", option.variable, width, option.text, remark_of(option)));
    }
}

Value options_value(std::span<const ConfigOption> options) {
    Value::List list;
    for (const ConfigOption& option : options) {
        list.emplace_back(Value::Record{{"variable", std::string(option.variable)},
                                        {"text", std::string(option.text)},
                                        {"default", std::string(option.default_value)},
                                        {"required", option.required},
                                        {"secret", option.secret}});
    }
    return list;
}

void print_text() {
    for (const ConnectorSpec* spec : connectors()) {
        print(fmt::format("{}  ({})\n  {}\n", spec->name, kind_text(spec->kind), spec->summary));
        print_options(spec->options);
        if (!spec->documentation.empty()) {
            print(fmt::format("  see {}\n", spec->documentation));
        }
        print("\n");
    }
    print("all connectors\n");
    print_options(config::tinybird_options());
}

void print_json() {
    Value::List list;
    for (const ConnectorSpec* spec : connectors()) {
        list.emplace_back(Value::Record{{"name", std::string(spec->name)},
                                        {"kind", std::string(kind_text(spec->kind))},
                                        {"summary", std::string(spec->summary)},
                                        {"documentation", std::string(spec->documentation)},
                                        {"options", options_value(spec->options)}});
    }
    print(Value(Value::Record{{"connectors", list}, {"options", options_value(config::tinybird_options())}}).to_json() +
          "\n");
}

void print_markdown() {
    print("| connector | kind | variable | meaning |\n|---|---|---|---|\n");
    for (const ConnectorSpec* spec : connectors()) {
        for (const ConfigOption& option : spec->options) {
            print(fmt::format("| {} | {} | `{}` | {}{} |\n", spec->name, kind_text(spec->kind), option.variable,
                              option.text, remark_of(option)));
        }
    }
}

struct ConnectorsArguments {
    std::string types_of;
    std::string output = "text";
};

}  // namespace

void add_connectors_command(CLI::App& app, const Choose& choose) {
    auto arguments = std::make_shared<ConnectorsArguments>();
    CLI::App& command = *app.add_subcommand("connectors", "List the connectors and the variables that each reads");
    command
        .add_option("--types", arguments->types_of,
                    "show instead what this connector makes of its source's types, with examples in each format")
        ->type_name("NAME");
    command.add_option("-o,--output", arguments->output, "how it is written")
        ->check(CLI::IsMember({"text", "json", "markdown"}))
        ->capture_default_str();
    command.callback([arguments, &choose] {
        choose([arguments](Context& context) {
            const std::string& output = arguments->output;
            if (!arguments->types_of.empty()) {
                context.set_up_logger(true);
                print(types_text(arguments->types_of, output));
            } else {
                output == "json" ? print_json() : output == "markdown" ? print_markdown() : print_text();
            }
            return 0;
        });
    });
}

}  // namespace tinybird_cdk::cli
