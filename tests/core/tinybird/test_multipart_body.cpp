// SPDX-License-Identifier: Apache-2.0
#include "tinybird/multipart_body.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helpers/unsized_body.hpp"

namespace tinybird_cdk::tinybird {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

std::string read_all(Body& body, std::size_t step) {
    std::string result;
    std::string block(step, '\0');
    while (const std::size_t count = body.read(block)) {
        result.append(block, 0, count);
    }
    return result;
}

/// The form as RFC 7578 has it, around these bytes.
std::string form_of(const MultipartBody& form, const std::string& bytes) {
    const std::string boundary = form.content_type().substr(std::string("multipart/form-data; boundary=").size());
    return "--" + boundary +
           "\r\nContent-Disposition: form-data; name=\"csv\"; filename=\"data.csv.gz\"\r\nContent-Type: "
           "text/csv\r\n\r\n" +
           bytes + "\r\n--" + boundary + "--\r\n";
}

TEST(TestMultipartBody, IsTheSameFormHoweverItIsRead) {
    for (const std::string& bytes :
         {std::string(), std::string("1,2\n"), std::string("\r\n--\r\n\0", 7), std::string(10'000, 'x')}) {
        for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
            const auto inner = body_of(bytes);
            MultipartBody form(*inner, "csv", "data.csv.gz", "text/csv");
            EXPECT_THAT(form.content_type(), StartsWith("multipart/form-data; boundary="));
            const std::string expected = form_of(form, bytes);
            EXPECT_EQ(form.size(), expected.size());
            EXPECT_EQ(read_all(form, step), expected);
            std::string more(10, '\0');
            EXPECT_EQ(form.read(more), 0U) << "the end stays the end";
        }
    }
}

TEST(TestMultipartBody, BeginsAnewFromAnywhere) {
    const std::string bytes(1000, 'x');
    const auto inner = body_of(bytes);
    MultipartBody form(*inner, "csv", "data.csv.gz", "text/csv");
    const std::string expected = form_of(form, bytes);
    for (std::size_t reads = 0; reads < expected.size() / 50 + 3; ++reads) {
        std::string some(50, '\0');
        for (std::size_t i = 0; i < reads; ++i) {
            form.read(some);
        }
        ASSERT_TRUE(form.rewind());
        EXPECT_EQ(read_all(form, 333), expected) << reads;
        ASSERT_TRUE(form.rewind());
    }
}

TEST(TestMultipartBody, KnowsItsSizeOnlyIfTheInnerBodyDoes) {
    testing::UnsizedBody inner("1\n");
    MultipartBody form(inner, "csv", "data.csv.gz", "text/csv");
    EXPECT_FALSE(form.size());
    EXPECT_THAT(read_all(form, 100), EndsWith("--\r\n"));
}

TEST(TestMultipartBody, HasABoundaryOfItsOwn) {
    const auto inner = body_of("");
    EXPECT_NE(MultipartBody(*inner, "csv", "data.csv.gz", "text/csv").content_type(),
              MultipartBody(*inner, "csv", "data.csv.gz", "text/csv").content_type());
}

}  // namespace
}  // namespace tinybird_cdk::tinybird
