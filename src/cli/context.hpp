// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "cli/local_server.hpp"

namespace tinybird_cdk::cli {

/// What the global options say.
struct GlobalOptions {
    std::optional<std::string> local;  ///< --local[=DIR]: "" is an ephemeral one
    std::string log_format = "text";
    bool quiet = false;
    bool verbose = false;
    bool no_progress = false;
    bool no_color = false;
};

/// What all commands share: where configuration comes from, how to speak to people, when to stop.
class Context {
public:
    Context(GlobalOptions options, std::stop_token stop) : options_(std::move(options)), stop_(std::move(stop)) {}

    [[nodiscard]] const GlobalOptions& options() const noexcept { return options_; }
    [[nodiscard]] const std::stop_token& stop() const noexcept { return stop_; }

    /// The environment of the process; with --local, Tinybird's variables are those of a server that is started now and
    /// runs as long as this object lives.
    const Environment& environment();
    /// A client of Tinybird for the environment.
    tinybird::Client& tinybird();
    /// Starts a local server on a directory, whatever the options say (the demo does).
    void use_local(const std::filesystem::path& directory);

    /// Tells the logger where to write: to standard error when the results of the command are data.
    void set_up_logger(bool results_are_data) const;
    /// Whether a person looks at standard error.
    [[nodiscard]] bool shows_progress() const;
    /// Something for people, on standard error; nothing with --quiet.
    void say(std::string_view text) const;
    /// `text` in bold when standard output is a terminal that may be coloured.
    [[nodiscard]] std::string bold(std::string_view text) const;

private:
    GlobalOptions options_;
    std::stop_token stop_;
    Environment environment_;
    std::unique_ptr<LocalServer> local_;
    std::unique_ptr<tinybird::Client> tinybird_;
};

/// Writes results to standard output. @throws errors::Error when it can't be written
void print(std::string_view text);

}  // namespace tinybird_cdk::cli
