// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <tinybird_cdk/tinybird.hpp>

#include "tinybird/api.hpp"
#include "tinybird/import_pace.hpp"
#include "tinybird/imports.hpp"
#include "tinybird/job_endings.hpp"
#include "tinybird/jobs.hpp"

namespace tinybird_cdk::tinybird {

/// The parts of a client. All are thread-safe.
class Client::Impl {
public:
    Impl(config::Tinybird configuration, const ClientOptions& options)
        : clock(options.clock ? options.clock : Clock::system()),
          api(std::move(configuration), options),
          jobs(api, options),
          pace(api.configuration(), clock),
          endings(api.configuration(), options),
          imports(api, jobs, endings, pace, options.import_api) {}

    const std::shared_ptr<Clock> clock;
    Api api;
    Jobs jobs;
    ImportPace pace;
    JobEndings endings;
    Imports imports;
};

}  // namespace tinybird_cdk::tinybird
