// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "http/request.hpp"

namespace tinybird_cdk::cloud::azure {

[[nodiscard]] bool succeeded(const http::Response& response) noexcept;
/// The service's own code, as "BlobNotFound"; empty when it gave none.
std::string code_of(const http::Response& response);
/// The answer means that there is no such blob in a container that is there.
bool no_such_blob(const http::Response& response);
/// @param what was tried, as "writing azure://box/key" @throws errors::ExternalDatasourceError, always
[[noreturn]] void refuse(const http::Response& response, std::string_view what);

}  // namespace tinybird_cdk::cloud::azure
