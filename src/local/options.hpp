// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace tinybird_cdk::local {

enum class LogFormat { text, json };

/// What the command line says.
struct Options {
    std::string host = "127.0.0.1";
    int port = 7181;
    std::filesystem::path data_directory;
    bool ephemeral = false;
    std::string token;
    bool print_env = false;
    std::filesystem::path ready_file;
    bool parent_dies = false;
    bool quiet = false;
    LogFormat log_format = LogFormat::text;
    std::filesystem::path library;
    std::size_t most_memory = 2U << 30U;    ///< bytes for the engine
    std::size_t event_buffer = 64U << 20U;  ///< bytes of events that wait to be stored

    [[nodiscard]] bool is_loopback() const { return host == "127.0.0.1" || host == "localhost" || host == "::1"; }
    /// As it stands in a URL: an IPv6 address in brackets.
    [[nodiscard]] std::string url_host() const { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }
};

/// Reads the arguments. @return nothing when the program is done (--help, --version); then `exit_code` says how
std::optional<Options> parse_options(int argc, char** argv, int& exit_code);

}  // namespace tinybird_cdk::local
