// SPDX-License-Identifier: Apache-2.0
#include "local/options.hpp"

#include <cstdlib>
#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <tinybird_cdk/version.hpp>

namespace tinybird_cdk::local {

namespace {

/// https://specifications.freedesktop.org/basedir-spec/
std::filesystem::path default_data_directory() {
    const char* const data = std::getenv("XDG_DATA_HOME");  // NOLINT(concurrency-mt-unsafe)
    if (data != nullptr && *data == '/') {
        return std::filesystem::path(data) / "tinybird-cdk-local";
    }
    const char* const home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe)
    return std::filesystem::path(home == nullptr ? "." : home) / ".local" / "share" / "tinybird-cdk-local";
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int& exit_code) {
    Options options;
    CLI::App app("A local Tinybird: the HTTP API over embedded ClickHouse, for trying and testing.", "tb-cdk-local");
    app.set_version_flag("--version", std::string("tb-cdk-local ") + version());
    app.add_option("--port", options.port, "port to listen on; 0 picks a free one")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    app.add_option("--host", options.host, "address to listen on; one that is not loopback needs --token")
        ->capture_default_str();
    auto* const directory = app.add_option("--data-dir", options.data_directory, "where the data is kept");
    app.add_flag("--ephemeral", options.ephemeral, "keep nothing: data goes away with the program")
        ->excludes(directory);
    app.add_option("--token", options.token,
                   "the token that clients must send; made and kept with the data by default");
    app.add_flag("--print-env", options.print_env, "print the variables for the kit, as export lines");
    app.add_option("--ready-file", options.ready_file, "write endpoint, token and pid as JSON there when ready");
    app.add_flag("--parent-dies", options.parent_dies, "exit when the parent process does");
    app.add_flag("--quiet", options.quiet, "no access log");
    app.add_option("--log-format", options.log_format,
                   "of the access log on standard error: text, or one JSON object a line")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, LogFormat>{{"text", LogFormat::text}, {"json", LogFormat::json}}));
    app.add_option("--max-memory", options.most_memory, "bytes that queries and loads may take together")
        ->check(CLI::Range(std::size_t{256} << 20U, std::size_t{1} << 50U))
        ->capture_default_str();
    app.add_option("--event-buffer", options.event_buffer, "how many bytes of events may wait to be stored")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--libchdb", options.library, "path of libchdb.so");
    try {
        app.parse(argc, argv);
        if (!options.is_loopback() && options.token.empty()) {
            throw CLI::ValidationError(
                "--host", fmt::format("{} can be reached by other machines, so it needs a --token of your own choice, "
                                      "which they must send",
                                      options.host));
        }
    } catch (const CLI::ParseError& error) {
        exit_code = app.exit(error) == 0 ? 0 : 1;
        return std::nullopt;
    }
    if (options.data_directory.empty() && !options.ephemeral) {
        options.data_directory = default_data_directory();
    }
    return options;
}

}  // namespace tinybird_cdk::local
