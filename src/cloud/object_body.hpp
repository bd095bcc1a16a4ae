// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <tinybird_cdk/cloud.hpp>

#include "cloud/transport.hpp"

namespace tinybird_cdk::cloud {

/// How a client asks for an object from a byte on.
struct ObjectSource {
    /// A signed GET of the object from byte `offset` on, with a condition (as If-Match) that it is this version, unless
    /// that is empty. An object that is another one by now must be answered with 412.
    std::function<http::Request(std::uint64_t offset, const std::string& version)> make;
    /// Whether a refusal may be gone when a request is made anew, as that of credentials that ended. Asked once for
    /// each time that the object is opened, at the begin and where reading goes on. Null: never.
    std::function<bool(const http::Response&)> renew = {};
    /// Throws the service's error for an answer that is not 2xx.
    std::function<void(const http::Response&)> refuse;
    std::string version_header = "etag";  ///< the header of the answer that names the version, in lower case
    std::string service;                  ///< for messages
    std::string uri;                      ///< likewise
};

/// The bytes of an object as they are stored, asked for while they are read. When the connection breaks, reading goes
/// on at the same byte, provided that the object is the same (its version). May be read again from the start: then too
/// the object must be the same. The transport must outlive it.
std::unique_ptr<Body> object_body(Transport& transport, ObjectSource source, const std::stop_token& stop);

}  // namespace tinybird_cdk::cloud
