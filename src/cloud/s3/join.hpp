// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>

#include "cloud/s3/caller.hpp"
#include "cloud/s3/join_plan.hpp"

namespace tinybird_cdk::cloud::s3 {

/// Joins objects of one bucket into another one. Small parts go through memory, one gathered part at a time.
void join(Caller& caller, const std::string& bucket, const std::vector<Object>& parts, const std::string& target,
          const JoinLimits& limits, const CatOptions& options);

/// Bytes of an object, which must still be what it was when it was listed.
std::string read_range(Caller& caller, const std::string& bucket, const Object& object, std::uint64_t from,
                       std::uint64_t length, const std::stop_token& stop);

/// Where the first line of each object ends, when all have the same one.
struct Headers {
    std::vector<std::uint64_t> lengths;  ///< with the line's end; 0 for an empty object
    std::vector<bool> ends_in_line_end;  ///< whether the object's last byte is one
};

/// @throws errors::InvalidArgument when two objects begin with different lines
Headers compare_headers(Caller& caller, const std::string& bucket, const std::vector<Object>& parts,
                        const std::stop_token& stop);

}  // namespace tinybird_cdk::cloud::s3
