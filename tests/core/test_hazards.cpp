// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/row_writer.hpp>

namespace tinybird_cdk {
namespace {

using ::testing::HasSubstr;

const std::vector<Hazard> all_hazards{Hazard::nan,          Hazard::infinity,     Hazard::date_range,
                                      Hazard::zero_date,    Hazard::number_range, Hazard::invalid_utf8,
                                      Hazard::duplicate_key};
const std::vector<HazardPolicy> all_policies{HazardPolicy::error, HazardPolicy::null, HazardPolicy::text,
                                             HazardPolicy::clamp};

bool has_nearest_value(Hazard hazard) {
    return hazard == Hazard::infinity || hazard == Hazard::date_range || hazard == Hazard::number_range;
}

TEST(TestHazards, AreErrorsUnlessToldOtherwise) {
    ASSERT_EQ(all_hazards.size(), hazard_count);
    const HazardPolicies policies;
    for (const Hazard hazard : all_hazards) {
        EXPECT_EQ(policies.get(hazard), HazardPolicy::error) << name(hazard);
    }
}

TEST(TestHazards, HaveTheNamesThatTheCommandLineReads) {
    for (const Hazard hazard : all_hazards) {
        for (const HazardPolicy policy : all_policies) {
            if (policy == HazardPolicy::clamp && !has_nearest_value(hazard)) {
                continue;
            }
            HazardPolicies policies;
            policies.set(std::string(name(hazard)) + "=" + std::string(name(policy)));
            for (const Hazard other : all_hazards) {
                EXPECT_EQ(policies.get(other), other == hazard ? policy : HazardPolicy::error) << name(other);
            }
        }
    }
}

TEST(TestHazards, TheLastAssignmentWins) {
    HazardPolicies policies;
    policies.set("nan=null");
    policies.set("nan=text");
    EXPECT_EQ(policies.get(Hazard::nan), HazardPolicy::text);
    policies.set(Hazard::nan, HazardPolicy::error);
    EXPECT_EQ(policies.get(Hazard::nan), HazardPolicy::error);
}

TEST(TestHazards, WithoutANearestValueCantBeClamped) {
    for (const Hazard hazard : all_hazards) {
        HazardPolicies policies;
        if (has_nearest_value(hazard)) {
            policies.set(hazard, HazardPolicy::clamp);
            EXPECT_EQ(policies.get(hazard), HazardPolicy::clamp);
        } else {
            EXPECT_THROW(policies.set(hazard, HazardPolicy::clamp), errors::InvalidArgument) << name(hazard);
            EXPECT_EQ(policies.get(hazard), HazardPolicy::error) << "a refused policy must not stick";
        }
    }
}

TEST(TestHazards, MalformedAssignmentsAreRefused) {
    for (const std::string_view text : {"", "nan", "=", "nan=", "=null", "NAN=null", "nan=zero", "nan =null",
                                        "nan==null", "nan=null,infinity=null"}) {
        HazardPolicies policies;
        EXPECT_THROW(policies.set(text), errors::InvalidArgument) << text;
    }
}

TEST(TestHazards, ARefusalSaysWhatThereIs) {
    HazardPolicies policies;
    try {
        policies.set("inf=null");
        FAIL();
    } catch (const errors::InvalidArgument& error) {
        EXPECT_THAT(error.what(), HasSubstr("\"inf\""));
        EXPECT_THAT(error.hint(), HasSubstr("infinity"));
    }
}

}  // namespace
}  // namespace tinybird_cdk
