// SPDX-License-Identifier: Apache-2.0
#include "failure.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::redshift {

namespace {

using errors::ExitCode;

/// The first whose sign is in the text is taken.
struct Known {
    std::string_view sign;
    std::string_view hint;
    ExitCode exit_code;
};
constexpr std::array<Known, 10> known{{
    {"password authentication failed", "Check REDSHIFT_USER and REDSHIFT_PASSWORD.", ExitCode::bad_input},
    {"no password supplied", "Set REDSHIFT_PASSWORD.", ExitCode::bad_input},
    {"no pg_hba.conf entry", "The server does not let this user in from here.", ExitCode::bad_input},
    {"server does not support SSL", "Check REDSHIFT_SSLMODE, REDSHIFT_HOST and REDSHIFT_PORT.", ExitCode::bad_input},
    {"certificate", "Check REDSHIFT_SSLMODE, and the file of root certificates that libpq reads.", ExitCode::bad_input},
    {"could not translate host name", "Check REDSHIFT_HOST.", ExitCode::temporary},
    {"Connection refused", "Check REDSHIFT_HOST and REDSHIFT_PORT.", ExitCode::temporary},
    {"timeout expired", "Check REDSHIFT_HOST and REDSHIFT_PORT, and whether a firewall lets this machine through.",
     ExitCode::temporary},
    {"terminating connection", "The connection to Redshift was lost: run it again.", ExitCode::temporary},
    {"server closed the connection", "The connection to Redshift was lost: run it again.", ExitCode::temporary},
}};

}  // namespace

std::optional<adbc::Meaning> meaning_of(std::string_view text) {
    // What the server says of a statement may have anything in it.
    if (text.find("': ERROR:") != std::string_view::npos) {
        return std::nullopt;
    }
    if (text.find("FATAL:  database ") != std::string_view::npos &&
        text.find("does not exist") != std::string_view::npos) {
        return adbc::Meaning{ExitCode::bad_input, "Check REDSHIFT_DATABASE."};
    }
    const auto* const found = std::find_if(
        known.begin(), known.end(), [&](const Known& one) { return text.find(one.sign) != std::string_view::npos; });
    return found == known.end() ? std::nullopt
                                : std::optional(adbc::Meaning{found->exit_code, std::string(found->hint)});
}

}  // namespace tinybird_cdk::redshift
