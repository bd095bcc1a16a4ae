// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinybird_cdk/conformance/outcome.hpp>
#include <tinybird_cdk/conformance/subject.hpp>
#include <tinybird_cdk/schema.hpp>

/// The suite that every SQL connector passes: docs/conformance.md.
namespace tinybird_cdk::conformance {

struct Options {
    std::vector<std::string> only;               ///< names of checks; empty: all
    std::optional<std::uint64_t> seed;           ///< of the random data; nothing: any, told to `on_seed`
    std::uint64_t large_bytes = 30'000'000;      ///< of the table that is read while something happens
    std::uint64_t long_text_bytes = 64'000'000;  ///< of the longest value
    /// Output of the process is caught while a check runs, and searched for secrets. False: it is let through, for a
    /// debugger or a sanitiser that has something to say; what only the log could show is then not checked.
    bool catch_output = true;
    std::stop_token stop;
    std::function<void(std::uint64_t)> on_seed;    ///< called once, before the first check
    std::function<void(const Result&)> on_result;  ///< called after each result, in the calling thread
};

/// A check: its name and one line on what it asks for.
struct CheckText {
    std::string_view name;
    std::string_view text;
};
/// All checks, in their order.
std::vector<CheckText> checks();

/// Runs the checks one after the other against the source and the Tinybird of the subject's environment. Whatever it
/// makes at the source and in Tinybird is removed before it returns or throws.
///
/// Not to be run twice at once in a process: it catches what the process prints.
/// @throws errors::InterruptedError when `stop` asks; errors::InvalidArgument for an unknown check, a subject that is
/// not complete, or data sources of the suite's names that are there already
Report run(const Subject& subject, const Options& options = {});

/// The data sources that the suite loads every type into: NAME_export_csv, … and NAME_ingest_query, whose columns are
/// those that the connector suggests. Tables are made at the source for the time of the call.
std::vector<std::pair<std::string, schema::Schema>> data_sources(const Subject& subject);

}  // namespace tinybird_cdk::conformance
