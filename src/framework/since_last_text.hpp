// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::framework {

/// A load that nobody saw to its end.
struct UnfinishedLoad {
    std::string uri;
    std::string begun;
    std::string job_id;
    bool running = false;  ///< Tinybird says that the job still runs
};

/// The error that names them and says how to settle it.
errors::InDoubtError unfinished_error(const std::vector<UnfinishedLoad>& loads, const std::string& data_source);

/// The error for an object that another run has begun since this one looked.
errors::InDoubtError claimed_error(const UnfinishedLoad& load, const std::string& data_source);

}  // namespace tinybird_cdk::framework
