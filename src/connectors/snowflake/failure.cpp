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
constexpr std::array<std::string_view, 20> lost{
    ": EOF", "unexpected EOF", "connection refused", "connection reset", "connection timed out", "broken pipe",
    "i/o timeout", "no such host", "no route to host", "network is unreachable", "server misbehaving", "Client.Timeout",
    "context deadline exceeded", "use of closed network connection", "HTTP Status: 5", "HTTP: 5",
    "TLS handshake timeout",
    // Whatever else befalls a socket.
    "dial tcp", "read tcp", "write tcp"};

/// Codes of refusals with what to do about them.
struct Refusal {
    std::string_view code;
    std::string_view hint;
};
constexpr std::array<Refusal, 3> refusals{{
    {"000606", "Set SF_WAREHOUSE to the name of a warehouse that the user may use, or give the user a default one."},
    {"090105", "Set SF_DATABASE, or write the names in the query with their database and schema."},
    {"090106", "Set SF_SCHEMA, or write the names in the query with their database and schema."},
}};

/// The driver's own code for a part that it was not given; it keeps why to itself.
constexpr std::string_view part_is_missing = "262000";

std::optional<adbc::Meaning> meaning_of_code(std::string_view code) {
    constexpr std::string_view ran_too_long = "000630";
    if (code == ran_too_long) {
        return adbc::Meaning{errors::ExitCode::temporary};
    }
    const auto* const found =
        std::find_if(refusals.begin(), refusals.end(), [&](const Refusal& one) { return one.code == code; });
    return found == refusals.end()
               ? std::nullopt
               : std::optional(adbc::Meaning{errors::ExitCode::bad_input, std::string(found->hint)});
}

}  // namespace

std::optional<adbc::Meaning> meaning_of(std::string_view text) {
    if (text.find(refused_value) != std::string_view::npos) {
        if (text.find(none_of_the_numbers) != std::string_view::npos) {
            return adbc::Meaning{
                errors::ExitCode::data_refused,
                "Leave such rows out in the query, give the column of the data source a wider type, or load directly, "
                "where a policy can be chosen: --via direct --on number_range=null."};
        }
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
    const std::string code = code_in(text);
    if (is_of_service(code)) {
        return meaning_of_code(code);
    }
    if (code == part_is_missing) {
        return adbc::Meaning{errors::ExitCode::temporary,
                             "A part of the result could not be fetched. Parts are there for six hours: what takes "
                             "longer has to go by a stage (SF_STAGE). If it was no such load, run it again."};
    }
    if (std::any_of(lost.begin(), lost.end(),
                    [&](std::string_view sign) { return text.find(sign) != std::string_view::npos; })) {
        return adbc::Meaning{errors::ExitCode::temporary, "The connection to Snowflake was lost: run it again.", true};
    }
    return std::nullopt;
}

}  // namespace tinybird_cdk::snowflake
