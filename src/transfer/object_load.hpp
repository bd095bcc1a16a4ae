// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <tinybird_cdk/body.hpp>
#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "transfer/load.hpp"

namespace tinybird_cdk::transfer {

/// What of LoadOptions means nothing for bytes that are made already, and for one that is to be appended.
/// @throws errors::InvalidArgument naming it
void check_object_options(Mode mode, const CloudLoadOptions& options);

/// Checks what an object's name and size say against what was asked for, before anything is sent.
/// @throws errors::InvalidArgument for another format, a compression that Tinybird does not read, an empty object;
/// errors::Error when Tinybird takes no object of that size
void check_object(const cloud::Object& object, const std::string& uri, Format format, Via via, const Limits& limits);

/// @throws errors::Error when that is more than one import may have
void check_size(std::uint64_t bytes, const std::string& uri, Format format, Via via, const Limits& limits);

/// How an object travels: what the caller chose, or by URL unless Tinybird can't reach the store.
/// @param endpoint_on_loopback Tinybird runs on this machine, and reaches what this machine reaches
Via way_of(Via chosen, const std::string& url, bool endpoint_on_loopback);

/// What the load of an object tells while it goes on, in the calling thread, and what it is to know. What on_begin
/// throws ends the load.
struct ObjectLoadSteps {
    std::function<void()> on_begin = {};                         ///< nothing of it is sent yet, but will be now
    std::function<void()> on_whole = {};                         ///< streamed: from now on, all of it may be sent
    std::function<void(const std::string& job_id)> on_job = {};  ///< once, when Tinybird took it as a job
    /// The object is the kit's own, which nobody else loads and which is deleted next: an import of it that is not seen
    /// to end is looked for and ended.
    bool is_own = false;
};

/// Carries one object to a data source. Nothing is deleted.
LoadResult load_object(tinybird::Client& client, cloud::Client& store, const std::string& bucket,
                       const cloud::Object& object, Mode mode, const std::string& data_source, Via via,
                       const CloudLoadOptions& options, const ObjectLoadSteps& steps = {});

/// Opens what is to be streamed. A read of it that waits ends when the token asks.
using OpenBody = std::function<std::unique_ptr<Body>(const std::stop_token&)>;

/// Carries bytes of a store through this machine.
LoadResult stream_object(tinybird::Client& client, const OpenBody& open, Mode mode, const std::string& data_source,
                         const CloudLoadOptions& options, const ObjectLoadSteps& steps = {});

}  // namespace tinybird_cdk::transfer
