// SPDX-License-Identifier: Apache-2.0
#include "core/spool.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::core {
namespace {

constexpr rlimit one_page{4096, 4096};

TEST(TestSpool, GivesBackWhatWasWrittenAndLeavesNoFile) {
    const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "spool";
    std::filesystem::create_directory(folder);
    const char* const before = std::getenv("TMPDIR");
    const std::string kept = before != nullptr ? before : "";
    ::setenv("TMPDIR", folder.c_str(), 1);
    {
        Spool spool;
        EXPECT_TRUE(std::filesystem::is_empty(folder)) << "the file has no name";
        spool.write("first, ");
        spool.write(std::string(100'000, 'x'));
        EXPECT_EQ(spool.size(), 100'007U);
        for (int i = 0; i < 2; ++i) {
            std::string text(200'000, '\0');
            const std::size_t count = spool.read(text);
            EXPECT_EQ(count, 100'007U);
            EXPECT_EQ(text.substr(0, 8), "first, x");
            EXPECT_EQ(spool.read(text), 0U);
            spool.rewind();
        }
        spool.clear();
        std::string text(10, '\0');
        EXPECT_EQ(spool.read(text), 0U);
        spool.write("again");
        EXPECT_EQ(spool.read(text), 5U);
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder));
    std::filesystem::remove_all(folder);
    ::setenv("TMPDIR", (folder / "missing").c_str(), 1);
    EXPECT_THROW(Spool(), errors::Error);
    if (kept.empty()) {
        ::unsetenv("TMPDIR");
    } else {
        ::setenv("TMPDIR", kept.c_str(), 1);
    }
}

TEST(TestSpool, AFullDiskIsAnErrorThatSaysWhatToDo) {
    // A limit on the size of files is as good as a full disk, and needs no rights.
    EXPECT_EXIT(
        {
            const rlimit limit = one_page;
            ::setrlimit(RLIMIT_FSIZE, &limit);
            std::signal(SIGXFSZ, SIG_IGN);
            Spool spool;
            try {
                spool.write(std::string(10'000, 'x'));
            } catch (const errors::Error& error) {
                std::exit(error.retryable() && error.hint().find("TMPDIR") != std::string::npos ? 0 : 2);
            }
            std::exit(1);
        },
        ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace tinybird_cdk::core
