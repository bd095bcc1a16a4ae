// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/conformance/outcome.hpp>

#include "conformance/trial.hpp"

namespace tinybird_cdk::conformance {

/// Turns what checks do and throw into results.
class Recorder {
public:
    Recorder(const Trial& trial, std::string check) : trial_(trial), check_(std::move(check)) {}

    /// Runs a piece of the check. What it throws becomes its outcome, but for a stop of the run; what it prints must
    /// show no secret. Skipped, and not run, where the subject says so.
    void run(const std::string& subject, std::optional<Format> format, const std::function<void()>& piece);
    /// The same for each format that the connector has.
    void each_format(const std::function<void(Format)>& piece) { each_format({}, piece); }
    void each_format(const std::string& subject, const std::function<void(Format)>& piece);
    void one_format(const std::string& subject, Format format, const std::function<void()>& piece);

    [[nodiscard]] bool is_skipped(const std::string& subject) const { return reason_to_skip(subject).has_value(); }
    [[nodiscard]] const std::vector<Result>& results() const noexcept { return results_; }
    /// Formats that the connector refused, with its reason.
    void refused_formats(const std::map<Format, std::string>& formats) { refused_formats_ = formats; }

private:
    [[nodiscard]] std::optional<std::string> reason_to_skip(const std::string& subject) const;

    const Trial& trial_;
    const std::string check_;
    std::map<Format, std::string> refused_formats_;
    std::vector<Result> results_;
};

}  // namespace tinybird_cdk::conformance
