// SPDX-License-Identifier: Apache-2.0
#include "connection_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::mysql {

namespace {

/// Without a limit an unreachable host would be waited for by the kernel's: minutes. An option file may say otherwise.
constexpr unsigned int connect_timeout_seconds = 15;

std::optional<std::string> non_empty(const Environment& environment, std::string_view variable) {
    auto value = environment.get(variable);
    return value && !value->empty() ? value : std::nullopt;
}

unsigned int port_of(const std::string& text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0) {
        throw errors::InvalidArgument(fmt::format("MYSQL_TCP_PORT is no port: \"{}\"", text),
                                      "It is a number from 1 to 65535.");
    }
    return port;
}

TlsMode tls_mode_of(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    constexpr std::array<std::pair<std::string_view, TlsMode>, 5> modes{
        {{"DISABLED", TlsMode::disabled},
         {"PREFERRED", TlsMode::preferred},
         {"REQUIRED", TlsMode::required},
         {"VERIFY_CA", TlsMode::verify_ca},
         {"VERIFY_IDENTITY", TlsMode::verify_identity}}};
    for (const auto& [name, mode] : modes) {
        if (text == name) {
            return mode;
        }
    }
    throw errors::InvalidArgument(fmt::format("MYSQL_SSL_MODE is no mode: \"{}\"", text),
                                  "It is DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY.");
}

/// libmariadb finds its option files by the environment of the process. One that was given instead has its own.
void choose_option_files(ConnectionOptions& options, const Environment& environment) {
    const bool overridden = environment.overrides().contains("HOME") || environment.overrides().contains("MYSQL_HOME");
    if (environment.from_process() && !overridden) {
        options.default_option_files = true;
        return;
    }
    for (const auto& [variable, file] : {std::pair{"MYSQL_HOME", "my.cnf"}, std::pair{"HOME", ".my.cnf"}}) {
        if (const auto folder = non_empty(environment, variable)) {
            const auto path = std::filesystem::path(*folder) / file;
            if (std::filesystem::exists(path)) {
                options.option_file = path;
                return;
            }
        }
    }
}

const char* text_or_null(const std::string& text) noexcept {
    return text.empty() ? nullptr : text.c_str();
}

}  // namespace

ConnectionOptions connection_options(const Environment& environment) {
    ConnectionOptions options;
    options.host = non_empty(environment, "MYSQL_HOST");
    options.socket = non_empty(environment, "MYSQL_UNIX_PORT");
    options.user = non_empty(environment, "MYSQL_USER");
    options.database = non_empty(environment, "MYSQL_DATABASE");
    if (const auto password = environment.get("MYSQL_PWD")) {
        options.password = Secret(*password);
        options.has_password = true;
        logger::remember_secret(*password);
    }
    if (const auto port = non_empty(environment, "MYSQL_TCP_PORT")) {
        options.port = port_of(*port);
    }
    if (const auto mode = non_empty(environment, "MYSQL_SSL_MODE")) {
        options.tls = tls_mode_of(*mode);
    }
    options.tls_ca = environment.get("MYSQL_SSL_CA").value_or("");
    if (!options.tls && !options.tls_ca.empty()) {
        // Who names an authority wants it to be asked.
        options.tls = TlsMode::verify_ca;
    }
    if (options.tls == TlsMode::verify_ca && options.tls_ca.empty()) {
        throw errors::InvalidArgument("MYSQL_SSL_MODE is VERIFY_CA, and MYSQL_SSL_CA names no file",
                                      "VERIFY_IDENTITY trusts the certificates of the system.");
    }
    options.tls_certificate = environment.get("MYSQL_SSL_CERT").value_or("");
    options.tls_key = environment.get("MYSQL_SSL_KEY").value_or("");
    const std::string tag = environment.get("TB_CDK_TAG").value_or("");
    options.program = tag.empty() ? "tinybird-cdk" : "tinybird-cdk " + tag;
    choose_option_files(options, environment);
    return options;
}

void apply(const ConnectionOptions& options, MYSQL& session) {
    if (options.default_option_files) {
        mysql_optionsv(&session, MYSQL_READ_DEFAULT_GROUP, "client");
    } else if (!options.option_file.empty()) {
        mysql_optionsv(&session, MYSQL_READ_DEFAULT_FILE, options.option_file.c_str());
    }
    const unsigned int timeout = connect_timeout_seconds;
    mysql_optionsv(&session, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
    // A server may ask a client for any of its files
    // (https://mariadb.com/kb/en/load-data-infile/#load-data-local-infile).
    const unsigned int no = 0;
    mysql_optionsv(&session, MYSQL_OPT_LOCAL_INFILE, &no);
    mysql_optionsv(&session, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_optionsv(&session, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", options.program.c_str());
    // Lets a connect be waited for together with a stop token.
    mysql_optionsv(&session, MYSQL_OPT_NONBLOCK, nullptr);

    const TlsMode mode = options.tls.value_or(TlsMode::preferred);
    // A socket of this machine is preferred as it is.
    const bool on_socket = !options.tls && !options.host;
    const my_bool use = mode != TlsMode::disabled && !on_socket ? 1 : 0;
    if (use != 0) {
        mysql_ssl_set(&session, text_or_null(options.tls_key), text_or_null(options.tls_certificate),
                      text_or_null(options.tls_ca), nullptr, nullptr);
    }
    mysql_optionsv(&session, MYSQL_OPT_SSL_ENFORCE, &use);
    // The chain is verified whenever an authority is given; this adds the name, and the system's authorities.
    const my_bool verify = mode == TlsMode::verify_identity ? 1 : 0;
    mysql_optionsv(&session, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

}  // namespace tinybird_cdk::mysql
