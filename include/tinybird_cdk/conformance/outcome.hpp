// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tinybird_cdk/formats.hpp>

/// What a run of the conformance suite found.
namespace tinybird_cdk::conformance {

struct Passed {};

/// The connector does not do what the check asks for.
struct Failed {
    std::string what;      ///< what was looked at, as in "rows in the data source"
    std::string expected;  ///< may be empty where `what` says it all
    std::string got;
};

/// The check says nothing of this connector.
class Skipped {
public:
    /// @throws errors::InvalidArgument without a reason: there is no skip that nobody can explain
    explicit Skipped(std::string reason);
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

private:
    std::string reason_;
};

using Outcome = std::variant<Passed, Failed, Skipped>;

/// What one check came to, for one case (a type, a fault) and one format where it has such.
struct Result {
    std::string check;             ///< as in "types"
    std::string subject;           ///< the case, as in "numeric_38_10"; empty where a check has none
    std::optional<Format> format;  ///< nothing where the format does not matter
    Outcome outcome;
};

/// All results of a run, in the order in which they came.
class Report {
public:
    explicit Report(std::string connector) : connector_(std::move(connector)) {}

    void add(Result result) { results_.push_back(std::move(result)); }
    [[nodiscard]] const std::string& connector() const noexcept { return connector_; }
    [[nodiscard]] const std::vector<Result>& results() const noexcept { return results_; }

    [[nodiscard]] std::size_t passed() const noexcept;
    [[nodiscard]] std::size_t failed() const noexcept;
    [[nodiscard]] std::size_t skipped() const noexcept;

    /// A table with a column per format, then what failed and why checks were skipped. Secrets are masked.
    [[nodiscard]] std::string to_text() const;
    /// The same as a Markdown table.
    [[nodiscard]] std::string to_markdown() const;
    /// {"connector": …, "passed": n, "failed": n, "skipped": n, "results": […]} on one line.
    [[nodiscard]] std::string to_json() const;

private:
    std::string connector_;
    std::vector<Result> results_;
};

}  // namespace tinybird_cdk::conformance
