// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/azure/shared_key.hpp"
#include "http/request.hpp"

/// The documents of Blob Batch. https://learn.microsoft.com/en-us/rest/api/storageservices/blob-batch
namespace tinybird_cdk::cloud::azure {

constexpr std::size_t largest_batch = 256;

/// A DELETE inside a batch.
struct BatchPart {
    std::string path;  ///< and query
    Pairs headers;
};

struct BatchAnswer {
    std::size_t number = 0;  ///< of the part, from 0
    int status = 0;
    std::string code;  ///< the service's; empty: none
};

std::string batch_document(std::string_view boundary, const std::vector<BatchPart>& parts);

/// The answers that can be read; a part without one is to be asked for again.
std::vector<BatchAnswer> parse_batch_answers(const http::Response& response);

}  // namespace tinybird_cdk::cloud::azure
