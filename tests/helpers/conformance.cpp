// SPDX-License-Identifier: Apache-2.0
#include "helpers/conformance.hpp"

#include <iostream>

#include <gtest/gtest.h>

#include <tinybird_cdk/conformance/case_file.hpp>
#include <tinybird_cdk/conformance/suite.hpp>

namespace tinybird_cdk::testing {

std::vector<std::string> conformance_checks() {
    std::vector<std::string> names;
    for (const conformance::CheckText& check : conformance::checks()) {
        names.emplace_back(check.name);
    }
    return names;
}

void expect_conformance(const std::string& connector, const std::string& check, const Environment& environment) {
    const auto text = conformance::built_in_cases(connector);
    ASSERT_TRUE(text) << "the connector " << connector << " brings along no conformance.cases";
    conformance::CaseFile cases(*text, connector + "/conformance.cases", environment);
    conformance::Options options;
    options.only = {check};
    options.on_seed = [](std::uint64_t seed) { std::cout << "seed " << seed << '\n'; };
#if defined(__SANITIZE_ADDRESS__)
    // What the sanitiser has to say must be seen, and it makes long values long work.
    options.catch_output = false;
    options.long_text_bytes = 8'000'000;
#endif
    const conformance::Report report = conformance::run(cases.subject(), options);
    EXPECT_FALSE(report.results().empty());
    EXPECT_EQ(report.failed(), 0U) << report.to_text();
}

}  // namespace tinybird_cdk::testing
