// SPDX-License-Identifier: Apache-2.0
#include "conformance/recorder.hpp"

#include <exception>

#include <tinybird_cdk/errors.hpp>

#include "conformance/caught_output.hpp"

namespace tinybird_cdk::conformance {

namespace {

Outcome outcome_of(const std::function<void()>& piece) {
    try {
        piece();
        return Passed{};
    } catch (const CheckFailed& failed) {
        return failed.failure;
    } catch (const CheckSkipped& skipped) {
        return Skipped(skipped.reason);
    } catch (const errors::Error& error) {
        return Failed{"an error ended the check", "", std::string(error.name()) + ": " + error.what()};
    } catch (const std::exception& error) {
        return Failed{"an error ended the check", "", error.what()};
    }
}

}  // namespace

void Recorder::run(const std::string& subject, std::optional<Format> format, const std::function<void()>& piece) {
    trial_.check_stop();
    if (const auto reason = reason_to_skip(subject)) {
        results_.push_back({check_, subject, format, Skipped(*reason)});
        return;
    }
    Outcome outcome = Passed{};
    std::string output;
    {
        const CaughtOutput caught(trial_.options().catch_output);
        outcome = outcome_of(piece);
        output = caught.text();
    }
    trial_.check_stop();
    if (trial_.shows_secret(output) && !std::holds_alternative<Failed>(outcome)) {
        outcome = Failed{"what the process printed", "no secret", output};
    }
    if (auto* const failed = std::get_if<Failed>(&outcome)) {
        for (std::string* const text : {&failed->what, &failed->expected, &failed->got}) {
            *text = trial_.without_secrets(std::move(*text));
        }
    }
    results_.push_back({check_, subject, format, std::move(outcome)});
}

void Recorder::each_format(const std::string& subject, const std::function<void(Format)>& piece) {
    for (const Format format : trial_.subject().formats) {
        one_format(subject, format, [&] { piece(format); });
    }
}

void Recorder::one_format(const std::string& subject, Format format, const std::function<void()>& piece) {
    if (const auto refused = refused_formats_.find(format); refused != refused_formats_.end()) {
        results_.push_back({check_, subject, format, Skipped(refused->second)});
    } else {
        run(subject, format, piece);
    }
}

std::optional<std::string> Recorder::reason_to_skip(const std::string& subject) const {
    const auto& skips = trial_.subject().skips;
    for (const std::string& name : {check_, check_ + "/" + subject}) {
        if (const auto found = skips.find(name); found != skips.end()) {
            return found->second;
        }
    }
    return std::nullopt;
}

}  // namespace tinybird_cdk::conformance
