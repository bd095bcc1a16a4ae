// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "transfer/joined_body.hpp"
#include "transfer/load.hpp"

/// Several objects as one import.
namespace tinybird_cdk::transfer {

/// @throws errors::InvalidArgument for objects whose bytes can't follow each other, or can't be looked into;
/// errors::Error when all of them are more than one import takes
void check_joinable(cloud::Client& store, const std::string& bucket, const std::vector<cloud::Object>& objects, Via via,
                    const Limits& limits, Format format);

/// How text objects of a format are joined for this data source. @param target nothing: the token may not read it
JoinRules join_rules(Format format, const std::optional<tinybird::DataSource>& target);

/// Whether each of the objects begins with a header line. @throws errors::InvalidArgument when some do and some don't,
/// or when a mark of UTF-8 would come to stand in the middle: inside the store nothing can be cut but header lines
bool have_header_lines(cloud::Client& store, const std::string& bucket, const std::vector<cloud::Object>& objects,
                       const JoinRules& rules, const std::stop_token& stop);

/// Joins objects, inside the store or on their way through this machine, and carries them to a data source. The joined
/// object is deleted again, whatever happens.
LoadResult load_joined(tinybird::Client& client, cloud::Client& store, const std::string& bucket,
                       const std::vector<cloud::Object>& objects, Mode mode, const std::string& data_source,
                       const std::optional<tinybird::DataSource>& target, Via via, const CloudLoadOptions& options);

}  // namespace tinybird_cdk::transfer
