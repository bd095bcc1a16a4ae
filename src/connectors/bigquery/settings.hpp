// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <tinybird_cdk/config.hpp>

namespace tinybird_cdk::bigquery {

/// What the environment says.
struct Settings {
    std::string endpoint = "https://bigquery.googleapis.com";  ///< without a slash at its end
    /// Of the Storage Read API, by gRPC, without a slash at its end; empty: an emulator without it.
    std::string storage_endpoint = "https://bigquerystorage.googleapis.com";
    bool emulated = false;  ///< there are no credentials
    std::string project;    ///< in which queries run, and which is billed
    std::string location;   ///< of the data; empty: BigQuery finds it out
    std::string tag;        ///< TB_CDK_TAG, as the value of a label; may be empty
    std::string bucket;     ///< for unloads; empty: there is none
    std::string folder;     ///< in it; empty, or ends in a slash
    std::string ca_file;    ///< empty: the system's
};

/// The variables that it reads.
std::span<const ConfigOption> options() noexcept;

/// @throws errors::MissingConfiguration when nothing says which project, errors::InvalidArgument for an emulator that
/// is no address
Settings settings_from(const Environment& environment);

}  // namespace tinybird_cdk::bigquery
