// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/row_writer.hpp>

namespace tinybird_cdk {

namespace {

constexpr std::array<std::string_view, hazard_count> hazard_names{
    "nan", "infinity", "date_range", "zero_date", "number_range", "invalid_utf8", "duplicate_key"};
constexpr std::array<std::string_view, 4> policy_names{"error", "null", "text", "clamp"};

/// There is a nearest value only where values are ordered and finite ones exist beyond the limit.
bool can_clamp(Hazard hazard) noexcept {
    return hazard == Hazard::infinity || hazard == Hazard::date_range || hazard == Hazard::number_range;
}

template <std::size_t Size>
std::string joined(const std::array<std::string_view, Size>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

template <class Enumeration, std::size_t Size>
Enumeration parse(std::string_view text, const std::array<std::string_view, Size>& names, std::string_view what) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names.at(i) == text) {
            return static_cast<Enumeration>(i);
        }
    }
    throw errors::InvalidArgument(fmt::format("there is no {} \"{}\"", what, text),
                                  fmt::format("Choose one of {}.", joined(names)));
}

}  // namespace

std::string_view name(Hazard hazard) noexcept {
    return hazard_names[static_cast<std::size_t>(hazard)];
}

std::string_view name(HazardPolicy policy) noexcept {
    return policy_names[static_cast<std::size_t>(policy)];
}

void HazardPolicies::set(Hazard hazard, HazardPolicy policy) {
    if (policy == HazardPolicy::clamp && !can_clamp(hazard)) {
        throw errors::InvalidArgument(fmt::format("{} can't be clamped: it has no nearest value", name(hazard)),
                                      "Choose error, null or text.");
    }
    policies_[static_cast<std::size_t>(hazard)] = policy;
}

void HazardPolicies::set(std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos) {
        throw errors::InvalidArgument(fmt::format("\"{}\" is no hazard policy", assignment),
                                      "Write HAZARD=POLICY, as in nan=null.");
    }
    set(parse<Hazard>(assignment.substr(0, equals), hazard_names, "hazard"),
        parse<HazardPolicy>(assignment.substr(equals + 1), policy_names, "policy"));
}

}  // namespace tinybird_cdk
