// SPDX-License-Identifier: Apache-2.0
#include "core/file_descriptor.hpp"

#include <cerrno>
#include <type_traits>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>

namespace tinybird_cdk::core {
namespace {

static_assert(!std::is_copy_constructible_v<FileDescriptor> && !std::is_copy_assignable_v<FileDescriptor>);
static_assert(std::is_nothrow_move_constructible_v<FileDescriptor>);

int open_null() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int descriptor) {
    return ::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF;
}

TEST(TestFileDescriptor, OwnsNothingAtFirst) {
    const FileDescriptor none;
    EXPECT_FALSE(none);
    EXPECT_EQ(none.get(), -1);
    EXPECT_FALSE(FileDescriptor(-1));
}

TEST(TestFileDescriptor, ClosesAtItsEnd) {
    const int raw = open_null();
    {
        const FileDescriptor owner(raw);
        EXPECT_TRUE(owner);
        EXPECT_TRUE(is_open(raw));
    }
    EXPECT_FALSE(is_open(raw));
}

TEST(TestFileDescriptor, MovesItsOwnership) {
    const int raw = open_null();
    FileDescriptor first(raw);
    FileDescriptor second(std::move(first));
    EXPECT_EQ(second.get(), raw);
    EXPECT_TRUE(is_open(raw));
    const int other = open_null();
    second = FileDescriptor(other);
    EXPECT_FALSE(is_open(raw)) << "what is replaced is closed";
    EXPECT_TRUE(is_open(other));
    second.close();
    second.close();
    EXPECT_FALSE(second);
    EXPECT_FALSE(is_open(other));
}

}  // namespace
}  // namespace tinybird_cdk::core
