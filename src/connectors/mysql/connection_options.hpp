// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <mysql.h>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/secret.hpp>

namespace tinybird_cdk::mysql {

/// As the mysql command line has it
/// (https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#option_general_ssl-mode).
enum class TlsMode { disabled, preferred, required, verify_ca, verify_identity };

/// Where and how to connect. What is unset is left to option files, and then to libmariadb.
struct ConnectionOptions {
    std::optional<std::string> host;
    std::optional<std::string> socket;
    std::optional<std::string> user;
    std::optional<std::string> database;
    Secret password;
    bool has_password = false;
    unsigned int port = 0;
    std::optional<TlsMode> tls;
    std::string tls_ca;
    std::string tls_certificate;
    std::string tls_key;
    std::string program;  ///< what the server's list of sessions shows
    /// Read the option files that the mysql command line reads, or only this one.
    bool default_option_files = false;
    std::string option_file;

    [[nodiscard]] bool needs_tls() const noexcept { return tls && *tls >= TlsMode::required; }
};

/// @throws errors::InvalidArgument for a port or a TLS mode that is none
ConnectionOptions connection_options(const Environment& environment);

/// Tells libmariadb all but what mysql_real_connect() takes.
void apply(const ConnectionOptions& options, MYSQL& session);

}  // namespace tinybird_cdk::mysql
