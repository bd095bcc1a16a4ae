// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/tinybird.hpp>

namespace tinybird_cdk::transfer {

enum class Mode { append, replace };

/// Checks what can be checked before a source is asked for anything: that the data source exists.
/// @return nothing when the token may not read it. @throws errors::InvalidArgument when there is none of that name
std::optional<tinybird::DataSource> find_target(tinybird::Client& client, const std::string& data_source);

/// Carries an export to a data source, whatever its form. The export is the caller's: its clean-up runs when it goes
/// out of scope there, on every way out. @param asked when the source was asked for the export; nothing: now
LoadResult load(tinybird::Client& client, Export& source, Mode mode, const std::string& data_source,
                const std::optional<tinybird::DataSource>& target, const LoadOptions& options,
                std::optional<std::chrono::steady_clock::time_point> asked = {});

}  // namespace tinybird_cdk::transfer
