// SPDX-License-Identifier: Apache-2.0
#include "connection_string.hpp"

#include <array>
#include <iterator>
#include <new>
#include <set>
#include <string_view>

#include <pwd.h>
#include <unistd.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "handles.hpp"

namespace tinybird_cdk::postgresql {

namespace {

/// Without a limit of the user's own, an unreachable host would be waited for by the kernel's: minutes.
constexpr std::string_view default_connect_timeout = "15";

void add(std::string& text, std::string_view keyword, std::string_view value) {
    fmt::format_to(std::back_inserter(text), "{}{}='", text.empty() ? "" : " ", keyword);
    for (const char c : value) {
        if (c == '\'' || c == '\\') {
            text += '\\';
        }
        text += c;
    }
    text += '\'';
}

std::string application_name(const Environment& environment) {
    const std::string tag = environment.get("TB_CDK_TAG").value_or("");
    return tag.empty() ? "tinybird-cdk" : "tinybird-cdk " + tag;
}

std::string system_user() {
    std::array<char, 4096> memory{};
    passwd entry{};
    passwd* found = nullptr;
    ::getpwuid_r(::geteuid(), &entry, memory.data(), memory.size(), &found);
    return found == nullptr ? std::string() : std::string(found->pw_name);
}

/// What makes libpq behave as if the variable of this keyword were unset: it takes a keyword with an empty value for
/// given, and looks no further.
std::string unset_value(const PQconninfoOption& option, const Environment& environment) {
    const std::string_view keyword = option.keyword;
    if (keyword == "user") {
        return system_user();
    }
    if (keyword == "application_name") {
        return application_name(environment);
    }
    if (keyword == "connect_timeout") {
        return std::string(default_connect_timeout);
    }
    if (keyword == "sslcertmode") {
        return "allow";
    }
    return option.compiled == nullptr ? std::string() : std::string(option.compiled);
}

/// Variables without a keyword: libpq reads them from the process whatever it is told.
void refuse_what_only_the_process_can_set(const Environment& environment, const std::set<std::string_view>& known) {
    for (const char* const variable : {"PGSERVICEFILE", "PGSYSCONFDIR"}) {
        const auto value = environment.get(variable);
        if (value && !known.contains(variable) && value != Environment::process().get(variable)) {
            throw errors::InvalidArgument(
                fmt::format("libpq reads {} from the environment of the process only", variable),
                "Set it there, or give PGHOST, PGPORT, PGDATABASE and PGUSER instead of a service.");
        }
    }
}

}  // namespace

std::string connection_string(const Environment& environment, bool standby) {
    const OptionsHandle options(PQconndefaults());
    if (!options) {
        throw std::bad_alloc();
    }
    const Environment process = Environment::process();
    const auto given = [&](std::string_view variable) { return !environment.get(variable).value_or("").empty(); };
    std::string text;
    std::set<std::string_view> known;
    // A service may have a limit of its own; what is given here would win over it.
    bool limited = given("PGCONNECT_TIMEOUT") || given("PGSERVICE");
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->envvar == nullptr) {
            continue;
        }
        const std::string_view variable = option->envvar;
        known.insert(variable);
        if (environment.from_process() && !environment.overrides().contains(variable)) {
            continue;
        }
        const std::string value = environment.get(variable).value_or("");
        if (!value.empty()) {
            add(text, option->keyword, value);
        } else if (process.get(variable).value_or("").empty()) {
            continue;
        } else if (variable == "PGSERVICE") {
            throw errors::InvalidArgument(
                "PGSERVICE is set in the process, and libpq would take a connection that was not asked for from it",
                "Unset it, or give PGSERVICE too.");
        } else {
            add(text, option->keyword, unset_value(*option, environment));
            limited = limited || variable == "PGCONNECT_TIMEOUT";
        }
    }
    refuse_what_only_the_process_can_set(environment, known);
    if (!limited) {
        add(text, "connect_timeout", default_connect_timeout);
    }
    add(text, "fallback_application_name", application_name(environment));
    if (standby) {
        // The last of a keyword counts.
        add(text, "target_session_attrs", "standby");
    }
    return text;
}

}  // namespace tinybird_cdk::postgresql
