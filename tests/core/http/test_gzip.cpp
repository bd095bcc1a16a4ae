// SPDX-License-Identifier: Apache-2.0
#include "http/gzip.hpp"

#include <random>

#include <gtest/gtest.h>
#include <zlib.h>

#include "http/spooled_body.hpp"

namespace tinybird_cdk::http {
namespace {

std::string unpacked(const std::string& packed) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string input = packed;
    std::string result;
    std::array<char, 4096> block;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    int status = Z_OK;
    while (status == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(block.data());
        stream.avail_out = static_cast<uInt>(block.size());
        status = inflate(&stream, Z_NO_FLUSH);
        result.append(block.data(), block.size() - stream.avail_out);
    }
    EXPECT_EQ(status, Z_STREAM_END);
    EXPECT_EQ(stream.avail_in, 0U) << "something follows the end";
    inflateEnd(&stream);
    return result;
}

std::string read_all(Body& body, std::size_t step) {
    std::string result;
    std::string block(step, '\0');
    while (const std::size_t count = body.read(block)) {
        result.append(block.data(), count);
    }
    return result;
}

std::string noise(std::size_t size) {
    std::mt19937 random(7);
    std::string text(size, '\0');
    for (char& c : text) {
        c = static_cast<char>(random() & 0xFFU);
    }
    return text;
}

TEST(TestGzip, GivesBackWhatWentIn) {
    for (const std::string& text : {std::string(), std::string("a"), std::string(3'000'000, 'x'), noise(1'000'000)}) {
        EXPECT_EQ(unpacked(gzip(text)), text);
        for (const std::size_t step : {std::size_t{1}, std::size_t{100}, std::size_t{1'000'000}}) {
            if (step == 1 && text.size() > 1000) {
                continue;
            }
            const auto plain = body_of(text);
            GzipBody body(*plain);
            EXPECT_EQ(unpacked(read_all(body, step)), text);
            // Again from the begin, also from the middle of it.
            EXPECT_TRUE(body.rewind());
            std::string some(std::min<std::size_t>(step, 10), '\0');
            body.read(some);
            EXPECT_TRUE(body.rewind());
            EXPECT_EQ(unpacked(read_all(body, step)), text);
            EXPECT_EQ(body.read(some), 0U);
            EXPECT_FALSE(body.size());
        }
    }
}

TEST(TestGzip, MakesTextSmaller) {
    EXPECT_LT(gzip(std::string(1'000'000, 'x')).size(), 10'000U);
}

TEST(TestSpooledBody, HasASizeAndCanBeReadAgain) {
    const std::string text = noise(300'000);
    const auto plain = body_of(text);
    SpooledBody body(*plain);
    EXPECT_EQ(body.size(), text.size());
    EXPECT_EQ(read_all(body, 777), text);
    EXPECT_TRUE(body.rewind());
    EXPECT_EQ(read_all(body, 100'000), text);
}

}  // namespace
}  // namespace tinybird_cdk::http
