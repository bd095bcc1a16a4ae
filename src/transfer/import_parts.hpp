// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/formats.hpp>

namespace tinybird_cdk::transfer {

/// The objects of one import, in their order.
using ImportPart = std::vector<cloud::Object>;

/// Objects in as few imports as their order allows: text objects can be joined, Parquet can't. Pure.
/// @param largest bytes of an import; nothing: there is no limit. An object beyond it is an import of its own
/// @param header bytes that stand before the objects of each import
/// @param expansion bytes of text in a byte of an object, for Tinybird's limits are meant for text
std::vector<ImportPart> import_parts(std::vector<cloud::Object> objects, Format format,
                                     std::optional<std::uint64_t> largest, std::uint64_t header, double expansion);

}  // namespace tinybird_cdk::transfer
