// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "cli/context.hpp"

namespace tinybird_cdk::cli {

/// What a command does when it was chosen. @return the exit code
using Run = std::function<int(Context&)>;
/// A command calls this with its work once its arguments are parsed.
using Choose = std::function<void(Run)>;

void add_load_commands(CLI::App& app, const Choose& choose);
void add_query_commands(CLI::App& app, const Choose& choose);
void add_schema_commands(CLI::App& app, const Choose& choose);
void add_check_command(CLI::App& app, const Choose& choose);
void add_conformance_command(CLI::App& app, const Choose& choose);
void add_connectors_command(CLI::App& app, const Choose& choose);
void add_local_command(CLI::App& app, const Choose& choose);
void add_demo_command(CLI::App& app, const Choose& choose);
void add_completion_command(CLI::App& app, const Choose& choose);

}  // namespace tinybird_cdk::cli
