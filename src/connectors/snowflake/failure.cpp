// SPDX-License-Identifier: Apache-2.0
#include "failure.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <tinybird_cdk/errors.hpp>

#include "login.hpp"

namespace tinybird_cdk::snowflake {

namespace {

/// What a client in Go writes of a connection that is lost, and the driver of a service that answers with nothing but
/// failures.
constexpr std::array<std::string_view, 10> lost{
    ": EOF",       "unexpected EOF", "connection refused", "connection reset", "broken pipe",
    "i/o timeout", "no such host",   "Client.Timeout",     "HTTP Status: 5",   "TLS handshake timeout"};

}  // namespace

std::optional<adbc::Meaning> meaning_of(std::string_view text) {
    constexpr std::string_view ran_too_long = "000630";
    if (text.find(refused_value) != std::string_view::npos) {
        if (text.find(years_of_nanoseconds) != std::string_view::npos) {
            // Directly it can't be read either (docs/adr/0028).
            return adbc::Meaning{
                errors::ExitCode::data_refused,
                "Leave such rows out, or cast the column to fewer digits of a second in the query, as "
                "in MOMENT::TIMESTAMP_NTZ(6): directly, a policy can be chosen then: --via direct --on "
                "date_range=null."};
        }
        return adbc::Meaning{
            errors::ExitCode::data_refused,
            "Leave such rows out or cast the column in the query, or load directly, where a policy can "
            "be chosen: --via direct --on date_range=null."};
    }
    if (text.find(refused_null) != std::string_view::npos) {
        return adbc::Meaning{errors::ExitCode::data_refused,
                             "Leave such rows out or give them another value in the query (COALESCE), or make the "
                             "column of the data source Nullable."};
    }
    if (text.find("overflows when converted to nanoseconds") != std::string_view::npos) {
        return adbc::Meaning{errors::ExitCode::data_refused,
                             "Nine digits of a second leave room for the years 1677 to 2262: cast the column to fewer "
                             "in the query, as in MOMENT::TIMESTAMP_NTZ(6)."};
    }
    // Texts with a code are Snowflake's own, and may say anything.
    if (const std::string code = code_in(text); !code.empty()) {
        return code == ran_too_long ? std::optional(adbc::Meaning{errors::ExitCode::temporary}) : std::nullopt;
    }
    if (std::any_of(lost.begin(), lost.end(),
                    [&](std::string_view sign) { return text.find(sign) != std::string_view::npos; })) {
        return adbc::Meaning{errors::ExitCode::temporary, "The connection to Snowflake was lost: run it again.", true};
    }
    return std::nullopt;
}

}  // namespace tinybird_cdk::snowflake
