// SPDX-License-Identifier: Apache-2.0
#include "login.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace tinybird_cdk::snowflake {

namespace {

constexpr std::string_view of_the_account = "Check SF_ACCOUNT, which the server's name is made of.";

/// Codes of Snowflake's service and texts of its driver, with what to do about them. The first that fits is taken.
struct Known {
    std::string_view sign;  ///< a code, or a part of the text
    std::string_view hint;
    bool is_final;  ///< another try changes nothing
};
constexpr std::array<Known, 19> known{{
    {"Multi-factor",
     "A program can't answer that: use a key pair (SF_PRIVATE_KEY) or a programmatic access token (SF_PAT).", true},
    {"MFA", "A program can't answer that: use a key pair (SF_PRIVATE_KEY) or a programmatic access token (SF_PAT).",
     true},
    // Answers of a server that is there and fails. The driver has hints of its own for them, which are about names.
    {"HTTP: 5", "Snowflake did not answer as it should: run it again.", false},
    {"390100", "Check SF_USER, and SF_PWD or what is set in its place.", true},
    {"390101", "The user is disabled: an administrator can enable it (ALTER USER ... SET DISABLED = FALSE).", true},
    {"390102", "After too many wrong passwords Snowflake lets nobody in for a while: check SF_PWD, and wait.", false},
    {"390144",
     "Check that the user has the public key of this private key (DESCRIBE USER shows RSA_PUBLIC_KEY_FP), that "
     "SF_ACCOUNT "
     "and SF_USER name that user, and that this machine's clock is right.",
     true},
    {"390303", "Get a new token for SF_OAUTH_TOKEN.", true},
    {"390318", "Get a new token for SF_OAUTH_TOKEN.", true},
    {"394400", "Check SF_PAT: the token may be expired, revoked or of another user.", true},
    {"390189", "Check SF_ROLE.", true},
    {"390201", "Check SF_WAREHOUSE, SF_DATABASE and SF_SCHEMA.", true},
    {"390422", "The account's network policy does not let this address in.", true},
    {"390432",
     "Tokens of SF_PAT need a network policy for their user: an administrator can set one (ALTER USER ... SET "
     "NETWORK_POLICY = ...). A key pair (SF_PRIVATE_KEY) needs none.",
     true},
    {"private key", "Check SF_PRIVATE_KEY or its file, and SF_PRIVATE_KEY_PWD.", true},
    {"no such host", of_the_account, false},
    {"verify account name", of_the_account, true},
    {"failed to auth for unknown reason", of_the_account, true},
    {"connection refused", "Check SF_HOST and SF_PORT, if they are set.", false},
}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

std::string code_in(std::string_view text) {
    constexpr std::string_view before = "[Snowflake] ";
    constexpr std::size_t digits = 6;
    const std::size_t at = text.find(before);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view code = text.substr(at + before.size(), digits);
    return code.size() == digits && std::all_of(code.begin(), code.end(), is_digit) ? std::string(code) : std::string();
}

bool is_of_service(std::string_view code) {
    constexpr std::string_view of_driver = "26";
    return !code.empty() && !code.starts_with(of_driver);
}

errors::ExternalDatasourceError explained(const errors::ExternalDatasourceError& error, const Settings& settings) {
    const std::string_view text = error.what();
    const std::string code = code_in(text);
    const auto* const found = std::find_if(known.begin(), known.end(), [&](const Known& one) {
        return is_digit(one.sign.front()) ? one.sign == code : text.find(one.sign) != std::string_view::npos;
    });
    const bool is_known = found != known.end();
    // Other codes are of failures inside of the service, too.
    constexpr std::string_view of_logins = "39";
    const bool refuses = code.starts_with(of_logins);
    if (!is_known && !refuses) {
        return error;
    }
    std::string_view advice = is_known ? found->hint : std::string_view();
    if (is_known && found->hint == of_the_account && !settings.host.empty()) {
        advice = "Check SF_HOST, which names the server.";
    }
    std::string hint = fmt::format("{}{}The account is {}{}{}.", advice, is_known ? " " : "", settings.account,
                                   settings.user.empty() ? "" : ", the user ", settings.user);
    // The driver calls every failed login one of the network. A refusal of the service's stays one, unless it is known
    // to pass.
    const bool is_final = is_known ? found->is_final : refuses;
    return errors::ExternalDatasourceError(std::string(text), code.empty() ? error.sqlstate() : code, std::move(hint),
                                           is_final ? errors::ExitCode::bad_input : error.exit_code());
}

}  // namespace tinybird_cdk::snowflake
