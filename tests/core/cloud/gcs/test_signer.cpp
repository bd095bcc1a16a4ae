// SPDX-License-Identifier: Apache-2.0
/// V4 signatures against Google's published vectors, and against Google's library for Python (data/README.md).
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cloud/crypto.hpp"
#include "cloud/gcs/resource.hpp"
#include "cloud/gcs/signer.hpp"

namespace tinybird_cdk::cloud::gcs {
namespace {

nlohmann::json data(const std::string& name) {
    std::ifstream file(std::string(GCS_DATA) + "/" + name);
    return nlohmann::json::parse(file);
}

std::pair<std::string, Sign> signer() {
    const auto account = data("service_account.json");
    return {account.at("client_email"), [key = account.at("private_key").get<std::string>()](std::string_view bytes) {
                return rsa_sha256_sign(key, bytes);
            }};
}

/// Host and path of a vector, which may ask for a virtual host, a domain of the bucket, or another endpoint.
UrlToSign request_of(const nlohmann::json& vector) {
    const std::string expected = vector.at("expectedUrl");
    const std::string bucket = vector.at("bucket");
    const std::string style = vector.value("urlStyle", "PATH_STYLE");
    UrlToSign what;
    what.method = vector.at("method");
    what.base = expected.substr(0, expected.find('/', expected.find("://") + 3));
    what.base = what.base.substr(0, what.base.find('?'));
    what.path = style == "PATH_STYLE" ? "/" + bucket : "";
    what.path += vector.contains("object") ? "/" + vector.at("object").get<std::string>() : "";
    const auto headers = vector.value("headers", nlohmann::json::object());
    for (const auto& [name, value] : headers.items()) {
        what.headers.emplace_back(name, value);
    }
    const auto parameters = vector.value("queryParameters", nlohmann::json::object());
    for (const auto& [name, value] : parameters.items()) {
        what.query.emplace_back(name, value);
    }
    what.when = time_of(vector.at("timestamp").get<std::string>()).value();
    what.expires = std::chrono::seconds(vector.at("expiration").get<long>());
    return what;
}

TEST(Signer, MakesThePublishedSignatures) {
    const auto [email, sign] = signer();
    const auto vectors = data("v4_signatures.json").at("signingV4Tests");
    ASSERT_GT(vectors.size(), 20U);
    for (const auto& vector : vectors) {
        SCOPED_TRACE(vector.at("description"));
        const UrlToSign what = request_of(vector);
        const Canonical canonical = canonical_form(what, email);
        // The text of that one has the bucket in its path, but its own hash and signature are of the text without.
        if (vector.at("description") != "Universe domain with virtual hosted style") {
            EXPECT_EQ(canonical.request, vector.at("expectedCanonicalRequest"));
        }
        EXPECT_EQ(canonical.string_to_sign, vector.at("expectedStringToSign"));
        EXPECT_EQ(signed_url(what, email, sign), vector.at("expectedUrl"));
    }
}

TEST(Signer, WritesUrlsAsGooglesLibraryForPythonDoes) {
    const auto [email, sign] = signer();
    const auto urls = data("python_urls.json").at("urls");
    ASSERT_GT(urls.size(), 40U);
    for (const auto& made : urls) {
        SCOPED_TRACE(made.at("key"));
        UrlToSign what{.base = "https://storage.googleapis.com",
                       .path = "/a-bucket.example/" + made.at("key").get<std::string>(),
                       .when = time_of("2026-10-21T07:28:00Z").value(),
                       .expires = std::chrono::seconds(made.at("seconds").get<long>())};
        if (const std::string project = made.at("project"); !project.empty()) {
            what.query.emplace_back("userProject", project);
        }
        EXPECT_EQ(signed_url(what, email, sign), made.at("url"));
    }
}

TEST(Signer, EncodesAllOfAKeyButItsSlashes) {
    EXPECT_EQ(encode_key("a b/c+d//\xc3\xa9~"), "a%20b/c%2Bd//%C3%A9~");
    EXPECT_EQ(encode_key("/"), "/");
    EXPECT_EQ(encode_key("\xff%"), "%FF%25");
}

}  // namespace
}  // namespace tinybird_cdk::cloud::gcs
