// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/body.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include <stdlib.h>

#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk {
namespace {

std::string read_all(Body& body) {
    std::string text;
    std::array<char, 7> piece{};
    while (const std::size_t count = body.read(piece)) {
        text.append(piece.data(), count);
    }
    return text;
}

TEST(TestBody, MemoryIsReadAgainAfterRewind) {
    const std::string bytes(100, 'x');
    const auto body = body_of(bytes);
    EXPECT_EQ(body->size(), 100U);
    EXPECT_EQ(read_all(*body), bytes);
    EXPECT_EQ(read_all(*body), "");
    EXPECT_TRUE(body->rewind());
    EXPECT_EQ(read_all(*body), bytes);
}

TEST(TestBody, AFileIsReadAgainAfterRewind) {
    std::string name = (std::filesystem::temp_directory_path() / "cdk_body_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    const std::filesystem::path file = std::filesystem::path(name) / "data.csv";
    std::ofstream(file) << "1,2\n3,4\n";
    const auto body = body_of_file(file);
    EXPECT_EQ(body->size(), 8U);
    EXPECT_EQ(read_all(*body), "1,2\n3,4\n");
    EXPECT_TRUE(body->rewind());
    EXPECT_EQ(read_all(*body), "1,2\n3,4\n");
    std::filesystem::remove_all(name);
}

TEST(TestBody, WhatIsNoFileIsRefused) {
    EXPECT_THROW(body_of_file("/nowhere/at/all"), errors::InvalidArgument);
    EXPECT_THROW(body_of_file("/"), errors::InvalidArgument);
}

}  // namespace
}  // namespace tinybird_cdk
