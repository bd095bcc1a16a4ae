// SPDX-License-Identifier: Apache-2.0
// Signatures against Microsoft's documentation and against what Microsoft's own library makes of hard names.
#include <gtest/gtest.h>

#include "cloud/azure/sas.hpp"
#include "cloud/azure/shared_key.hpp"
#include "cloud/crypto.hpp"
#include "vectors.hpp"

namespace tinybird_cdk::cloud::azure {
namespace {

using testing::azure_vectors;

const Time now = std::chrono::system_clock::from_time_t(1792567680);  // 2026-10-21 07:28:00 UTC

std::string key() {
    return base64_decode(testing::azure_vector_key);
}

SasRequest request_for(std::string_view blob) {
    return {.account = "myaccount", .container = "box", .blob = std::string(blob), .expires = now};
}

SignedParts parts_of(std::string_view method, std::string_view path) {
    return {.method = method,
            .path = path,
            .parameters = {},
            .headers = {{"x-ms-date", "Wed, 21 Oct 2026 07:28:00 GMT"}, {"x-ms-version", "2023-11-03"}}};
}

// https://learn.microsoft.com/en-us/rest/api/storageservices/authorize-with-shared-key#constructing-the-signature-string
// The page has no key for it, so there is a text to compare, but no signature.
TEST(TestSharedKey, SignsTheTextOfTheDocumentation) {
    const SignedParts parts{
        .method = "GET",
        .path = "/mycontainer",
        .parameters = {{"restype", "container"}, {"comp", "metadata"}, {"timeout", "20"}},
        .headers = {{"x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT"}, {"x-ms-version", "2015-02-21"}}};
    EXPECT_EQ(shared_key_text("myaccount", parts),
              "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n"
              "/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20");
}

TEST(TestSharedKey, HasAllHeadersInTheirPlaces) {
    const SignedParts parts{.method = "PUT",
                            .path = "/devstoreaccount1/box/a",
                            .parameters = {{"Comp", "x"}},
                            .headers = {{"Range", "r"},
                                        {"If-Unmodified-Since", "u"},
                                        {"If-None-Match", "n"},
                                        {"If-Match", "m"},
                                        {"If-Modified-Since", "s"},
                                        {"Date", "d"},
                                        {"Content-Type", "t"},
                                        {"Content-MD5", "5"},
                                        {"Content-Language", "l"},
                                        {"Content-Encoding", "e"},
                                        {"X-MS-Version", " v "},
                                        {"x-ms-blob-type", "b"},
                                        {"Accept", "not signed"}},
                            .content_length = 7};
    EXPECT_EQ(shared_key_text("devstoreaccount1", parts),
              "PUT\ne\nl\n7\n5\nt\nd\ns\nm\nn\nu\nr\nx-ms-blob-type:b\nx-ms-version:v\n"
              "/devstoreaccount1/devstoreaccount1/box/a\ncomp:x");
}

TEST(TestSharedKey, SignsAsMicrosoftsLibraryDoes) {
    for (const auto& vector : azure_vectors) {
        const std::string path = "/box/" + encode_path(vector.name);
        EXPECT_EQ("https://myaccount.blob.core.windows.net" + path, vector.url);

        SignedParts get = parts_of("GET", path);
        get.headers.insert(get.headers.end(), {{"x-ms-range", "bytes=5-"}, {"If-Match", "\"0x1\""}});
        EXPECT_EQ(shared_key_authorization("myaccount", key(), get), vector.authorization_of_get) << vector.name;

        SignedParts put = parts_of("PUT", path);
        put.parameters = {{"comp", "block"}, {"blockid", "AAA="}};
        put.headers.emplace_back("Content-Type", "application/octet-stream");
        put.content_length = 123;
        EXPECT_EQ(shared_key_authorization("myaccount", key(), put), vector.authorization_of_put_block) << vector.name;

        SignedParts list = parts_of("GET", "/box");
        list.parameters = {
            {"restype", "container"}, {"comp", "list"}, {"maxresults", "5000"}, {"prefix", std::string(vector.name)}};
        EXPECT_EQ(shared_key_authorization("myaccount", key(), list), vector.authorization_of_list) << vector.name;
    }
}

TEST(TestSas, ServiceSignaturesAreThoseOfMicrosoftsLibrary) {
    for (const auto& vector : azure_vectors) {
        SasRequest request = request_for(vector.name);
        EXPECT_EQ(service_sas(request, key()), vector.service_sas) << vector.name;
        request.https_only = false;
        EXPECT_EQ(service_sas(request, key()), vector.service_sas_any_protocol) << vector.name;
    }
}

TEST(TestSas, UserDelegationSignaturesAreThoseOfMicrosoftsLibrary) {
    const DelegationKey delegated{.object_id = "11059fcc-5514-4800-b5f8-49808b9cfab6",
                                  .tenant_id = "ab1f708d-50f6-404c-a006-d71b2ac7a606",
                                  .start = "2026-10-21T07:00:00Z",
                                  .expiry = "2026-10-22T07:28:00Z",
                                  .service = "b",
                                  .version = "2023-11-03",
                                  .value = "a user delegation key of thirty-two"};
    for (const auto& vector : azure_vectors) {
        EXPECT_EQ(user_delegation_sas(request_for(vector.name), delegated), vector.user_delegation_sas) << vector.name;
    }
}

}  // namespace
}  // namespace tinybird_cdk::cloud::azure
