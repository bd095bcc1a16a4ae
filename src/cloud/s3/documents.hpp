// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>

/// The XML of S3's API (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html). What is asked of and what
/// is made of an answer, without any network.
namespace tinybird_cdk::cloud::s3 {

/// <Error>, with empty texts where it says nothing.
struct Refusal {
    std::string code;
    std::string message;
    std::string region;  ///< where the bucket is, of an answer that sends away
};

struct Page {
    std::vector<Object> objects;
    std::string next;  ///< token of the next page; empty: this is the last one
};

/// An unfinished multipart upload.
struct Unfinished {
    std::string key;
    std::string upload;
    std::chrono::system_clock::time_point begun{};
};

/// Nothing when the document is no error.
std::optional<Refusal> parse_refusal(std::string_view xml);
/// @throws errors::ExternalDatasourceError for anything else than a page; so do the others
Page parse_page(std::string_view xml);
/// The unfinished uploads of one page; there may be more.
std::vector<Unfinished> parse_unfinished(std::string_view xml);
/// The text of the element below the root.
std::string parse_text(std::string_view xml, const char* root, const char* element);
/// What DeleteObjects could not delete: "KEY: why".
std::vector<std::string> parse_not_deleted(std::string_view xml);

/// The question of DeleteObjects; answers name only what was not deleted.
std::string delete_document(const std::vector<std::string>& keys);
/// What CompleteMultipartUpload is told: the ETags of the parts in their order.
std::string complete_document(const std::vector<std::string>& etags);
/// Whether a key can stand in XML at all: control characters can't (XML 1.0 §2.2).
bool fits_xml(std::string_view key);

/// As it is kept: without its quotes.
std::string plain_etag(std::string_view etag);

}  // namespace tinybird_cdk::cloud::s3
