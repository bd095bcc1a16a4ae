// SPDX-License-Identifier: Apache-2.0
#include "transfer/object_history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tinybird_cdk::transfer {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

LedgerLoad load(const std::string& uri, const std::string& etag, bool done, bool failed = false) {
    return {.uri = uri, .etag = etag, .load_id = "l", .done = done, .failed = failed, .begun = "2026", .job_id = ""};
}

class History : public ::testing::Test {
protected:
    ObjectHistory history{{"a", "b"}, {"1", "2"}};
};

TEST_F(History, NothingIsKnown) {
    EXPECT_EQ(history.state(0), ObjectState::fresh);
    EXPECT_EQ(history.state(1), ObjectState::fresh);
}

TEST_F(History, ContentIsWhatCounts) {
    history.add(load("a", "1", true));
    history.add(load("b", "1", true));
    EXPECT_EQ(history.state(0), ObjectState::loaded);
    EXPECT_EQ(history.state(1), ObjectState::changed);
}

TEST_F(History, WhatFailedIsAsIfItHadNeverBeen) {
    history.add(load("a", "1", false, true));
    history.add(load("b", "1", false, true));
    EXPECT_EQ(history.state(0), ObjectState::fresh);
    EXPECT_EQ(history.state(1), ObjectState::fresh);
}

TEST_F(History, OpenLoadsAreUnfinishedUnlessAnotherOneIsDone) {
    history.add(load("a", "1", false));
    history.add(load("a", "0", true));
    EXPECT_EQ(history.state(0), ObjectState::unfinished);
    EXPECT_EQ(history.state_but_for_open(0), ObjectState::changed);
    EXPECT_THAT(history.open(0), SizeIs(1));
    history.add(load("a", "1", true));
    EXPECT_EQ(history.state(0), ObjectState::loaded);
}

TEST_F(History, OpenLoadsOfOtherContentDoNotMatter) {
    history.add(load("a", "0", false));
    EXPECT_EQ(history.state(0), ObjectState::fresh);
}

// Of two runs at once one may have given up what the other one did.
TEST_F(History, DoneIsStrongerThanFailed) {
    history.add(load("a", "1", true, true));
    EXPECT_EQ(history.state(0), ObjectState::loaded);
}

TEST_F(History, ObjectsThatAreNotListedAreForgotten) {
    history.add(load("c", "1", true));
    history.add(load("", "1", false));
    EXPECT_EQ(history.state(0), ObjectState::fresh);
    EXPECT_EQ(history.state(1), ObjectState::fresh);
}

TEST(SortByAge, OldestFirstThenByKey) {
    const auto at = [](int seconds) { return std::chrono::system_clock::time_point(std::chrono::seconds(seconds)); };
    std::vector<cloud::Object> objects{{.key = "b", .size = 1, .modified = at(2), .etag = "e"},
                                       {.key = "a", .size = 1, .modified = at(2), .etag = "e"},
                                       {.key = "z", .size = 1, .modified = at(1), .etag = "e"}};
    sort_by_age(objects);
    EXPECT_THAT(objects,
                ElementsAre(::testing::Field(&cloud::Object::key, "z"), ::testing::Field(&cloud::Object::key, "a"),
                            ::testing::Field(&cloud::Object::key, "b")));
}

}  // namespace
}  // namespace tinybird_cdk::transfer
