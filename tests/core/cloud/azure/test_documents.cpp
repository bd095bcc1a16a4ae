// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/azure/batch.hpp"
#include "cloud/azure/dates.hpp"
#include "cloud/azure/documents.hpp"
#include "cloud/azure/refusal.hpp"

namespace tinybird_cdk::cloud::azure {
namespace {

std::string list_of(std::string_view blobs, std::string_view marker = {}) {
    return "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"https://x/\" "
           "ContainerName=\"box\"><Blobs>" +
           std::string(blobs) + "</Blobs><NextMarker>" + std::string(marker) + "</NextMarker></EnumerationResults>";
}

std::string blob_of(std::string_view name, std::string_view more = {}) {
    return "<Blob>" + std::string(name) +
           "<Properties><Last-Modified>Wed, 21 Oct 2026 07:28:00 GMT</Last-Modified><Etag>0x8D1</Etag>"
           "<Content-Length>5000000000</Content-Length>" +
           std::string(more) + "</Properties></Blob>";
}

TEST(TestList, ReadsNamesSizesTimesAndTags) {
    const ListPage page = parse_list(list_of(blob_of("<Name>a/b.csv</Name>"), "2!more=="));
    ASSERT_EQ(page.objects.size(), 1U);
    EXPECT_EQ(page.objects[0].key, "a/b.csv");
    EXPECT_EQ(page.objects[0].size, 5'000'000'000U);
    EXPECT_EQ(page.objects[0].etag, "0x8D1");
    EXPECT_EQ(std::chrono::system_clock::to_time_t(page.objects[0].modified), 1792567680);
    EXPECT_EQ(page.next_marker, "2!more==");
    EXPECT_EQ(parse_list(list_of("")).objects.size(), 0U);
}

TEST(TestList, NamesAreWhatTheyAre) {
    const auto name_of = [](std::string_view name) { return parse_list(list_of(blob_of(name))).objects.at(0).key; };
    EXPECT_EQ(name_of("<Name>&lt;a&gt; &amp;amp; &quot;</Name>"), "<a> &amp; \"");
    EXPECT_EQ(name_of("<Name> </Name>"), " ");
    EXPECT_EQ(name_of("<Name> a  b </Name>"), " a  b ");
    EXPECT_EQ(name_of("<Name>100%25</Name>"), "100%25");
    // https://learn.microsoft.com/en-us/rest/api/storageservices/list-blobs#remarks
    EXPECT_EQ(name_of("<Name Encoded=\"true\">a%EF%BF%BF%25b</Name>"), "a\xEF\xBF\xBF%b");
    EXPECT_EQ(name_of("<Name Encoded=\"false\">a%25b</Name>"), "a%25b");
}

TEST(TestList, DirectoriesOfAHierarchicalNamespaceAreNoObjects) {
    const ListPage page = parse_list(list_of(blob_of("<Name>dir</Name>", "<ResourceType>directory</ResourceType>") +
                                             blob_of("<Name>dir/file</Name>", "<ResourceType>file</ResourceType>")));
    ASSERT_EQ(page.objects.size(), 1U);
    EXPECT_EQ(page.objects[0].key, "dir/file");
}

TEST(TestList, RefusesWhatIsNoList) {
    EXPECT_THROW(parse_list("<html><body>Sign in</body></html>"), errors::ExternalDatasourceError);
    EXPECT_THROW(parse_list("no XML"), errors::ExternalDatasourceError);
    EXPECT_THROW(parse_list(""), errors::ExternalDatasourceError);
    EXPECT_THROW(parse_list(list_of("<Blob><Name>a</Name></Blob>")), errors::ExternalDatasourceError);
    EXPECT_THROW(parse_list(list_of(blob_of("<Name Encoded=\"true\">%G</Name>"))), errors::ExternalDatasourceError);
}

TEST(TestDocuments, BlockListsTakeTheLatestBlocks) {
    EXPECT_EQ(
        block_list({"YQ==", "Yg=="}),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList><Latest>YQ==</Latest><Latest>Yg==</Latest></BlockList>");
}

TEST(TestDocuments, DelegationKeysAreReadAndKeptSecret) {
    const DelegationKey key = parse_delegation_key(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><UserDelegationKey><SignedOid>o</SignedOid><SignedTid>t</SignedTid>"
        "<SignedStart>2026-10-21T07:00:00Z</SignedStart><SignedExpiry>2026-10-22T07:00:00Z</SignedExpiry>"
        "<SignedService>b</SignedService><SignedVersion>2023-11-03</SignedVersion><Value>a2V5IG9mIGEgdGVzdA==</Value>"
        "</UserDelegationKey>");
    EXPECT_EQ(key.object_id, "o");
    EXPECT_EQ(key.tenant_id, "t");
    EXPECT_EQ(key.start, "2026-10-21T07:00:00Z");
    EXPECT_EQ(key.expiry, "2026-10-22T07:00:00Z");
    EXPECT_EQ(key.value, "key of a test");
    EXPECT_EQ(logger::mask("it is a2V5IG9mIGEgdGVzdA==!"), "it is ***!");
    EXPECT_THROW(parse_delegation_key("<UserDelegationKey/>"), errors::ExternalDatasourceError);
}

TEST(TestDates, BothFormsGoThereAndBack) {
    const Time time = std::chrono::system_clock::from_time_t(1435361952);
    EXPECT_EQ(http_date(time), "Fri, 26 Jun 2015 23:39:12 GMT");
    EXPECT_EQ(iso_time(time), "2015-06-26T23:39:12Z");
    EXPECT_EQ(parse_http_date("Fri, 26 Jun 2015 23:39:12 GMT"), time);
    EXPECT_EQ(parse_iso_time("2015-06-26T23:39:12Z"), time);
    EXPECT_EQ(parse_iso_time("2015-06-26T23:39:12.3456789Z"), time);
    for (const auto* wrong : {"", "Fri, 26 Xyz 2015 23:39:12 GMT", "Fri, 31 Jun 2015 23:39:12 GMT",
                              "Fri, 26 Jun 2015 24:39:12 GMT", "Fri, 26 Jun 2015 23:39:12 CET"}) {
        EXPECT_EQ(parse_http_date(wrong), std::nullopt) << wrong;
    }
    for (const auto* wrong : {"", "2015-13-26T23:39:12Z", "2015-06-26 23:39:12Z", "2015-06-26T23:39:12+02"}) {
        EXPECT_EQ(parse_iso_time(wrong), std::nullopt) << wrong;
    }
}

// https://learn.microsoft.com/en-us/rest/api/storageservices/blob-batch#sample-request
TEST(TestBatch, PartsStandInAMultipartDocument) {
    EXPECT_EQ(
        batch_document("batch_1", {{"/box/a%20b?sig=x", {{"x-ms-date", "now"}}}, {"/box/c", {}}}),
        "--batch_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 0\r\n\r\n"
        "DELETE /box/a%20b?sig=x HTTP/1.1\r\nx-ms-date: now\r\nContent-Length: 0\r\n\r\n"
        "--batch_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 1\r\n\r\n"
        "DELETE /box/c HTTP/1.1\r\nContent-Length: 0\r\n\r\n--batch_1--\r\n");
}

// https://learn.microsoft.com/en-us/rest/api/storageservices/blob-batch#sample-response
TEST(TestBatch, AnswersAreToldApart) {
    http::Response response;
    response.headers = {
        {"content-type", "multipart/mixed; boundary=batchresponse_66925647-d0cb-4109-b6d3-28efe3e1e5ed"}};
    response.body =
        "--batchresponse_66925647-d0cb-4109-b6d3-28efe3e1e5ed\r\nContent-Type: application/http\r\nContent-ID: "
        "0\r\n\r\n"
        "HTTP/1.1 202 Accepted\r\nx-ms-delete-type-permanent: true\r\nx-ms-version: 2018-11-09\r\n\r\n"
        "--batchresponse_66925647-d0cb-4109-b6d3-28efe3e1e5ed\r\nContent-Type: application/http\r\nContent-ID: "
        "2\r\n\r\n"
        "HTTP/1.1 404 The specified blob does not exist.\r\nx-ms-error-code: BlobNotFound\r\nContent-Length: 216\r\n"
        "Content-Type: application/xml\r\n\r\n<?xml version=\"1.0\"?>\n<Error><Code>BlobNotFound</Code></Error>\r\n"
        "--batchresponse_66925647-d0cb-4109-b6d3-28efe3e1e5ed--\r\n";
    const auto answers = parse_batch_answers(response);
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0].number, 0U);
    EXPECT_EQ(answers[0].status, 202);
    EXPECT_EQ(answers[0].code, "");
    EXPECT_EQ(answers[1].number, 2U);
    EXPECT_EQ(answers[1].status, 404);
    EXPECT_EQ(answers[1].code, "BlobNotFound");
    response.headers.clear();
    EXPECT_TRUE(parse_batch_answers(response).empty());
}

TEST(TestRefusal, SaysWhatTheServiceSaid) {
    http::Response response;
    response.status = 403;
    response.body =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to "
        "authenticate the request.\nRequestId:1\nTime:2</Message></Error>";
    try {
        refuse(response, "writing azure://box/a");
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_STREQ(
            error.what(),
            "writing azure://box/a: status 403, AuthenticationFailed: Server failed to authenticate the request.");
        EXPECT_EQ(error.sqlstate(), "AuthenticationFailed");
        EXPECT_NE(error.hint(), "");
        EXPECT_FALSE(error.retryable());
    }
    response.status = 503;
    response.body = "no XML";
    try {
        refuse(response, "x");
    } catch (const errors::ExternalDatasourceError& error) {
        EXPECT_STREQ(error.what(), "x: status 503");
        EXPECT_TRUE(error.retryable());
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud::azure
