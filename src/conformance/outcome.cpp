// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/conformance/outcome.hpp>

#include <algorithm>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::conformance {

namespace {

template <class Kind>
std::size_t count(const std::vector<Result>& results) {
    return static_cast<std::size_t>(std::count_if(results.begin(), results.end(), [](const Result& result) {
        return std::holds_alternative<Kind>(result.outcome);
    }));
}

}  // namespace

Skipped::Skipped(std::string reason) : reason_(std::move(reason)) {
    if (reason_.find_first_not_of(" \t\n") == std::string::npos) {
        throw errors::InvalidArgument("a check is skipped without a reason", "Say why it tells nothing here.");
    }
}

std::size_t Report::passed() const noexcept {
    return count<Passed>(results_);
}
std::size_t Report::failed() const noexcept {
    return count<Failed>(results_);
}
std::size_t Report::skipped() const noexcept {
    return count<Skipped>(results_);
}

}  // namespace tinybird_cdk::conformance
