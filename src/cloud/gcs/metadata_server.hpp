// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stop_token>

#include <tinybird_cdk/cloud.hpp>

#include "cloud/gcs/token.hpp"

namespace tinybird_cdk::cloud::gcs {

/// The service account of the machine, by its metadata server
/// (https://cloud.google.com/compute/docs/metadata/overview). GCE_METADATA_HOST and GCE_METADATA_IP say where it is,
/// as they do to Google's libraries, and NO_GCE_CHECK=true that there is none.
/// @return nothing when nobody answers there who says that he is the metadata server
std::unique_ptr<TokenSource> metadata_server(const Environment& environment, const ClientOptions& options,
                                             const std::stop_token& stop);

}  // namespace tinybird_cdk::cloud::gcs
