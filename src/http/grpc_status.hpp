// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "http/request.hpp"

namespace tinybird_cdk::http {

/// How a gRPC call ended.
struct GrpcStatus {
    std::string name;          ///< as in "NOT_FOUND"; "OK" when all is well
    std::string message = {};  ///< the server's text
    bool retryable = false;
};

/// Of an answer that came to its end. Pure. Without a grpc-status, it is what the HTTP status says
/// (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md); UNAVAILABLE when there is none either.
GrpcStatus grpc_status_of(const Response& response);

/// A grpc-message: escapes that are none stay as they are.
std::string grpc_message_of(std::string_view escaped);

}  // namespace tinybird_cdk::http
