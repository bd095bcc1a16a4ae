// SPDX-License-Identifier: Apache-2.0
#include "cloud/small_file.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace tinybird_cdk::cloud {
namespace {

class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& bytes) {
        ::close(::mkstemp(path_.data()));
        std::ofstream(path_, std::ios::binary) << bytes;
    }
    ~TemporaryFile() { ::unlink(path_.c_str()); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_ = ::testing::TempDir() + "cdk_small_file_XXXXXX";
};

TEST(SmallFile, IsReadWhole) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{4096}, std::size_t{1} << 20}) {
        const TemporaryFile file(std::string(size, '\0'));
        const SmallFile read = read_small_file(file.path());
        EXPECT_EQ(read.text, std::string(size, '\0'));
        EXPECT_EQ(read.failure, "");
    }
}

TEST(SmallFile, SaysWhyItCantBeRead) {
    EXPECT_EQ(read_small_file("/nowhere/file").failure, "No such file or directory");
    EXPECT_EQ(read_small_file("/").failure, "Is a directory");
    EXPECT_EQ(read_small_file("").failure, "No such file or directory");
    EXPECT_EQ(read_small_file("/dev/zero").failure, "It is larger than 1 MiB");
    const TemporaryFile large(std::string((std::size_t{1} << 20) + 1, 'x'));
    EXPECT_EQ(read_small_file(large.path()).failure, "It is larger than 1 MiB");
}

}  // namespace
}  // namespace tinybird_cdk::cloud
