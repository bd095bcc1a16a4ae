// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/s3/documents.hpp"
#include "cloud/s3/times.hpp"

namespace tinybird_cdk::cloud::s3 {
namespace {

using ::testing::ElementsAre;

constexpr const char* page_head =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
constexpr const char* object =
    "<Contents><Key>a+b%2Bc/%20d</Key><LastModified>2026-10-21T07:28:00.000Z</LastModified>"
    "<ETag>&quot;e1&quot;</ETag><Size>42</Size></Contents>";

TEST(Documents, Pages) {
    const Page encoded = parse_page(std::string(page_head) + "<EncodingType>url</EncodingType>" + object +
                                    "<IsTruncated>true</IsTruncated><NextContinuationToken>t/1</NextContinuationToken>"
                                    "</ListBucketResult>");
    ASSERT_EQ(encoded.objects.size(), 1U);
    EXPECT_EQ(encoded.objects[0].key, "a b+c/ d");
    EXPECT_EQ(encoded.objects[0].size, 42U);
    EXPECT_EQ(encoded.objects[0].etag, "e1");
    EXPECT_EQ(encoded.objects[0].modified, std::chrono::system_clock::from_time_t(1'792'567'680));
    EXPECT_EQ(encoded.next, "t/1");
    const Page plain = parse_page(std::string(page_head) + object + "</ListBucketResult>");
    EXPECT_EQ(plain.objects.at(0).key, "a+b%2Bc/%20d");
    EXPECT_EQ(plain.next, "");
}

TEST(Documents, WhatIsNoPageIsRefused) {
    EXPECT_THROW(parse_page("<html><body>Welcome</body></html>"), errors::ExternalDatasourceError);
    EXPECT_THROW(parse_page(""), errors::ExternalDatasourceError);
    EXPECT_THROW(parse_page(std::string(page_head) + "<IsTruncated>true</IsTruncated></ListBucketResult>"),
                 errors::ExternalDatasourceError);
    EXPECT_THROW(parse_page(std::string(page_head) + "<Contents><Key>k</Key></Contents></ListBucketResult>"),
                 errors::ExternalDatasourceError);
    EXPECT_THROW(parse_page(std::string(page_head) + object), errors::ExternalDatasourceError);
}

TEST(Documents, Refusals) {
    const auto refusal = parse_refusal(
        "<?xml version=\"1.0\"?><Error><Code>AuthorizationHeaderMalformed</Code><Message>wrong &amp; bad</Message>"
        "<Region>eu-west-3</Region></Error>");
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->code, "AuthorizationHeaderMalformed");
    EXPECT_EQ(refusal->message, "wrong & bad");
    EXPECT_EQ(refusal->region, "eu-west-3");
    EXPECT_FALSE(parse_refusal("<CopyPartResult><ETag>e</ETag></CopyPartResult>"));
    EXPECT_FALSE(parse_refusal("bytes"));
}

TEST(Documents, Questions) {
    EXPECT_EQ(delete_document({"a&b", "<c>", " d "}),
              "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a&amp;b</Key></Object>"
              "<Object><Key>&lt;c&gt;</Key></Object><Object><Key> d </Key></Object><Quiet>true</Quiet></Delete>");
    EXPECT_EQ(complete_document({"e1", "e2"}),
              "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
              "<Part><PartNumber>1</PartNumber><ETag>\"e1\"</ETag></Part>"
              "<Part><PartNumber>2</PartNumber><ETag>\"e2\"</ETag></Part></CompleteMultipartUpload>");
    EXPECT_THAT(parse_not_deleted("<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code><Message>no</Message>"
                                  "</Error></DeleteResult>"),
                ElementsAre("k: AccessDenied: no"));
    EXPECT_TRUE(fits_xml("día ~"));
    EXPECT_FALSE(fits_xml("a\nb"));
}

TEST(Times, InAllForms) {
    const auto time = std::chrono::system_clock::from_time_t(1'792'567'680);
    EXPECT_EQ(basic_iso_time(time), "20261021T072800Z");
    EXPECT_EQ(basic_iso_time(std::chrono::system_clock::from_time_t(0)), "19700101T000000Z");
    EXPECT_EQ(parse_iso_time("2026-10-21T07:28:00Z"), time);
    EXPECT_EQ(parse_iso_time("2026-10-21T07:28:00.123456789Z"), time);
    EXPECT_EQ(parse_iso_time("2026-10-21T07:28:00+00:00"), time);
    EXPECT_EQ(parse_iso_time("2026-10-21T07:28:00UTC"), time);
    EXPECT_EQ(parse_iso_time("2026-10-21T07:28:00+02:00"), std::nullopt);
    EXPECT_EQ(parse_iso_time("2026-13-21T07:28:00Z"), std::nullopt);
    EXPECT_EQ(parse_iso_time(""), std::nullopt);
    EXPECT_EQ(parse_http_time("Wed, 21 Oct 2026 07:28:00 GMT"), time);
    EXPECT_EQ(parse_http_time("yesterday"), std::nullopt);
}

}  // namespace
}  // namespace tinybird_cdk::cloud::s3
