// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>

#include "cloud/s3/caller.hpp"
#include "cloud/s3/join_plan.hpp"

namespace tinybird_cdk::cloud::s3 {

/// So many reads at a time: they wait for the store, and so many idle connections are kept for the next ones.
constexpr std::size_t most_readers = 8;

/// Joins objects of one bucket into another one. Small parts go through memory, one gathered part at a time.
void join(Caller& caller, const std::string& bucket, const std::vector<Object>& parts, const std::string& target,
          const JoinLimits& limits, const CatOptions& options);

/// Bytes of an object, which must still be what it was when it was listed.
std::string read_range(Caller& caller, const std::string& bucket, const Object& object, std::uint64_t from,
                       std::uint64_t length, const std::stop_token& stop);

/// What has to be known of the lines of each object before they are joined.
struct Lines {
    std::vector<std::uint64_t> headers;  ///< bytes of the header line with its end; 0 where there is none
    std::vector<bool> closed;            ///< the last byte is a line end, or there is no byte
};

/// Reads several objects at a time.
/// @param header_lines without it the last bytes alone are looked at
/// @throws errors::InvalidArgument when two objects begin with different header lines
Lines look_at_lines(Caller& caller, const std::string& bucket, const std::vector<Object>& parts, bool header_lines,
                    const std::stop_token& stop);

}  // namespace tinybird_cdk::cloud::s3
