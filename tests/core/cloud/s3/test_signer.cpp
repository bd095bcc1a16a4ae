// SPDX-License-Identifier: Apache-2.0
/// Signatures against AWS's published examples and against AWS's own Python library.
#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cloud/crypto.hpp"
#include "cloud/s3/signer.hpp"

namespace tinybird_cdk::cloud::s3 {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

using std::chrono::system_clock;

/// The credentials and the time of the examples on
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
const Credentials example{.access_key = "AKIAIOSFODNN7EXAMPLE",
                          .secret_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                          .session_token = {},
                          .expires = {}};
const system_clock::time_point example_time = std::chrono::sys_days(std::chrono::May / 24 / 2013);
const Scope example_scope{.region = "us-east-1", .service = "s3"};

std::string header(const Pairs& headers, std::string_view name) {
    for (const auto& [known, value] : headers) {
        if (known == name) {
            return value;
        }
    }
    return {};
}

std::string authorization_of(Signable request) {
    request.host = "examplebucket.s3.amazonaws.com";
    if (request.payload_hash.empty()) {
        request.payload_hash = empty_payload;
    }
    return header(signed_headers(request, example, example_scope, example_time), "Authorization");
}

TEST(Signer, PublishedGetOfARange) {
    EXPECT_EQ(authorization_of({.path = "/test.txt", .headers = {{"Range", "bytes=0-9"}}}),
              "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
              "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
              "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(Signer, PublishedPut) {
    EXPECT_THAT(authorization_of({.method = "PUT",
                                  .path = "/" + encode_key("test$file.text"),
                                  .headers = {{"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                                              {"Date", "Fri, 24 May 2013 00:00:00 GMT"}},
                                  .payload_hash = hex(sha256("Welcome to Amazon S3."))}),
                EndsWith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(Signer, PublishedQueries) {
    EXPECT_THAT(authorization_of({.path = "/", .query = {{"lifecycle", ""}}}),
                EndsWith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
    EXPECT_THAT(authorization_of({.path = "/", .query = {{"prefix", "J"}, {"max-keys", "2"}}}),
                EndsWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(Signer, PublishedUrl) {
    EXPECT_EQ(signed_query({.host = "examplebucket.s3.amazonaws.com", .path = "/test.txt"}, example, example_scope,
                           example_time, std::chrono::seconds(86'400)),
              "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
              "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
              "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

struct Vector {
    std::string_view key;
    std::string_view token;
    std::string_view url;
    std::string_view signature;      ///< of a PUT of "body" with two parameters
    std::string_view url_signature;  ///< of a URL to GET, for 7 days
};

constexpr auto vectors = std::to_array<Vector>({
#include "botocore_vectors.inc"
});

TEST(Signer, AgreesWithBotocore) {
    const auto now = system_clock::from_time_t(1'792'567'680);
    const Scope scope{.region = "eu-west-3", .service = "s3"};
    const std::string host = "bucket.s3.eu-west-3.amazonaws.com";
    for (const Vector& vector : vectors) {
        SCOPED_TRACE(vector.key);
        const Credentials credentials{.access_key = "AKIDEXAMPLE",
                                      .secret_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                                      .session_token = Secret(std::string(vector.token)),
                                      .expires = {}};
        const std::string path = "/" + encode_key(vector.key);
        EXPECT_EQ("https://" + host + path, vector.url);
        const Signable put{.method = "PUT",
                           .host = host,
                           .path = path,
                           .query = {{"uploadId", "a+b/c=="}, {"partNumber", "7"}},
                           .payload_hash = hex(sha256("body"))};
        EXPECT_THAT(header(signed_headers(put, credentials, scope, now), "Authorization"),
                    EndsWith("Signature=" + std::string(vector.signature)));
        EXPECT_THAT(signed_query({.host = host, .path = path}, credentials, scope, now, std::chrono::hours(7 * 24)),
                    EndsWith("X-Amz-Signature=" + std::string(vector.url_signature)));
    }
}

TEST(Signer, SessionTokenIsSentAndSigned) {
    Credentials temporary = example;
    temporary.session_token = Secret("to/ken");
    const Signable request{.host = "h", .path = "/", .payload_hash = std::string(unsigned_payload)};
    const Pairs headers = signed_headers(request, temporary, example_scope, example_time);
    EXPECT_EQ(header(headers, "x-amz-security-token"), "to/ken");
    EXPECT_EQ(header(headers, "x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
    EXPECT_THAT(header(headers, "Authorization"), HasSubstr(";x-amz-security-token,"));
    EXPECT_THAT(signed_query(request, temporary, example_scope, example_time, std::chrono::seconds(1)),
                HasSubstr("X-Amz-Security-Token=to%2Fken"));
}

}  // namespace
}  // namespace tinybird_cdk::cloud::s3
