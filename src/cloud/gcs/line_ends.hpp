// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/cloud.hpp>

#include "cloud/gcs/api.hpp"
#include "cloud/gcs/intermediates.hpp"

/// Objects whose last line has no end.
namespace tinybird_cdk::cloud::gcs {

/// "gzip" or "zstd" by the first bytes of an object, empty for what is neither.
std::string_view compression_of(std::string_view begin);

/// Whether an object ends with a line break. It has at least one byte.
bool ends_line(Api& api, std::string_view bucket, const Object& object, const std::stop_token& stop);

/// The parts, with an object of one line break behind each that needs one: it has bytes, does not end in a line break,
/// and bytes follow. @throws errors::InvalidArgument when such a part is compressed
std::vector<Object> with_line_ends(Api& api, std::string_view bucket, const std::vector<Object>& parts,
                                   Intermediates& intermediates, const std::stop_token& stop);

}  // namespace tinybird_cdk::cloud::gcs
