// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tinybird_cdk/limits.hpp>
#include <tinybird_cdk/secret.hpp>

namespace tinybird_cdk {

/// Where configuration comes from. The default is the environment of the process; a program that embeds the kit, or
/// a test, passes its own map instead, so that nothing ever needs `setenv`. Cheap to copy, thread-safe to read.
class Environment {
public:
    /// The environment of the process, read at each look-up.
    static Environment process();
    /// Only these variables.
    static Environment of(std::map<std::string, std::string, std::less<>> variables);

    /// The value of a variable; nothing when it is unset. A variable set to "" has the value "".
    [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
    /// A copy in which `name` has this value, whatever it is in the original.
    [[nodiscard]] Environment with(std::string name, std::string value) const;
    /// True when variables that are not overridden come from the process: drivers that read the environment
    /// themselves then see what the kit sees.
    [[nodiscard]] bool from_process() const noexcept { return from_process_; }
    /// The variables that do not come from the process.
    [[nodiscard]] const std::map<std::string, std::string, std::less<>>& overrides() const noexcept {
        return overrides_;
    }

private:
    bool from_process_ = true;
    std::map<std::string, std::string, std::less<>> overrides_;
};

/// One variable that a part of the kit reads. A table of these feeds parsing, help, docs and redaction.
struct ConfigOption {
    std::string_view variable;
    std::string_view default_value;  ///< as the user would write it; empty: none
    std::string_view text;           ///< one line for help and docs; names the unit where there is one
    bool required = false;
    bool secret = false;  ///< its value is masked wherever text leaves the kit
};

/// Configuration, as connectors and scripts read it.
namespace config {

/// The value of a variable. @throws errors::MissingConfiguration when it is unset.
std::string get(std::string_view variable, const Environment& environment = Environment::process());
/// The value of a variable, or nothing when it is unset.
std::optional<std::string> get_optional(std::string_view variable,
                                        const Environment& environment = Environment::process());
/// The value of a variable, or `default_value` when it is unset.
std::string get_or(std::string_view variable, std::string_view default_value,
                   const Environment& environment = Environment::process());

/// What every connector needs to speak to Tinybird.
struct Tinybird {
    Secret token;          ///< TB_CDK_TOKEN
    std::string tag;       ///< TB_CDK_TAG: who is loading; sent with each request and part of each log line
    std::string endpoint;  ///< TB_CDK_ENDPOINT without a slash at its end
    /// PEM certificates to trust instead of the system's: TB_CDK_CA_FILE, else SSL_CERT_FILE. Empty: the system's.
    std::string ca_file = {};
    /// As TB_CDK_LIMITS says. On loopback nothing is paced, unless it says how.
    Limits limits = {};

    /// True for this machine itself: a local Tinybird.
    [[nodiscard]] bool on_loopback() const;
};

/// Reads the variables of `tinybird_options()`. @throws errors::MissingConfiguration for an unset or empty token or
/// tag, errors::InvalidArgument for an endpoint that is not an http(s) URL and for limits that can't be read.
Tinybird tinybird(const Environment& environment = Environment::process());

/// The variables that `tinybird()` reads.
std::span<const ConfigOption> tinybird_options() noexcept;

}  // namespace config
}  // namespace tinybird_cdk
