// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <memory>
#include <vector>

#include <unistd.h>

#include <tinybird_cdk/errors.hpp>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/local_server.hpp"

namespace tinybird_cdk::cli {

void add_local_command(CLI::App& app, const Choose& choose) {
    CLI::App& command = *app.add_subcommand("local", "Run the local Tinybird: the HTTP API over embedded ClickHouse");
    // What looks like an option is passed on too.
    command.prefix_command()->allow_extras()->fallthrough(false);
    command.set_help_flag();
    command.footer("All arguments are those of tb-cdk-local; see tb-cdk local --help.");
    command.callback([&command, &choose] {
        choose([arguments = command.remaining()](Context&) -> int {
            std::vector<std::string> texts{local_program()};
            texts.insert(texts.end(), arguments.begin(), arguments.end());
            std::vector<char*> pointers;
            for (std::string& text : texts) {
                pointers.push_back(text.data());
            }
            pointers.push_back(nullptr);
            unblock_signals();
            ::execvp(pointers.front(), pointers.data());
            throw errors::Error("the local Tinybird, tb-cdk-local, is not installed",
                                "Build it with TINYBIRD_CDK_LOCAL=ON, or use bin/cdk, which does.");
        });
    });
}

}  // namespace tinybird_cdk::cli
