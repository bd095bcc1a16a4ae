// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/source_limits.hpp>

namespace tinybird_cdk::redshift {

/// What the environment says.
struct Settings {
    adbc::Source source;
    std::string database;       ///< that connections are to
    std::string iam_role;       ///< that Redshift writes to the bucket with; "default", an ARN, or empty
    std::string bucket;         ///< for unloads; empty: there is none
    std::string folder;         ///< in it; empty, or ends in a slash
    std::string bucket_region;  ///< empty: the cluster's

    /// With a time-out for each statement, where the limits have one.
    [[nodiscard]] adbc::Source source_for(const SourceLimits& limits) const;
};

/// The variables that it reads.
std::span<const ConfigOption> options() noexcept;

/// @throws errors::MissingConfiguration without a host, a user or a database, errors::InvalidArgument for a role that
/// is none
Settings settings_from(const Environment& environment);

}  // namespace tinybird_cdk::redshift
