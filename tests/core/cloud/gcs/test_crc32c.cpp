// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cloud/crypto.hpp"
#include "cloud/gcs/crc32c.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

std::string of(std::string_view bytes) {
    Crc32c sum;
    sum.add(bytes);
    return hex(base64_decode(sum.text()));
}

TEST(Crc32c, MakesTheSumsOfTheStandard) {
    // RFC 3720 §B.4, whose bytes are in the order of the wire.
    std::string rising;
    for (char c = 0; c < 32; ++c) {
        rising += c;
    }
    EXPECT_EQ(of(std::string(32, '\0')), "8a9136aa");
    EXPECT_EQ(of(std::string(32, '\xff')), "62a8ab43");
    EXPECT_EQ(of(rising), "46dd794e");
    EXPECT_EQ(of(std::string(rising.rbegin(), rising.rend())), "113fdb5c");
    EXPECT_EQ(of("123456789"), "e3069283");
    EXPECT_EQ(of(""), "00000000");
}

TEST(Crc32c, IsTheSameHoweverTheBytesCome) {
    std::string bytes;
    for (int i = 0; bytes.size() < 100; ++i) {
        bytes += std::to_string(i * 7919);
    }
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        Crc32c sum;
        sum.add(std::string_view(bytes).substr(0, cut));
        sum.add(std::string_view(bytes).substr(cut));
        EXPECT_EQ(hex(base64_decode(sum.text())), of(bytes)) << cut;
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
