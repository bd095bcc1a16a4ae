// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <tinybird_cdk/connector.hpp>

#include "cli/context.hpp"

namespace tinybird_cdk::cli {

/// The arguments that choose objects of a bucket.
struct ObjectArguments {
    std::string bucket;
    std::string key;
    std::string url;
    std::string newer_than;
    bool since_last = false;
    std::string unfinished;
    std::string via = "auto";
    bool join = false;  ///< one import of all objects

    void add_to(CLI::App& command, bool replace);
    /// Which of them was given first; empty: none.
    [[nodiscard]] std::string given() const;
};

/// What else of a load's arguments concerns objects.
struct ObjectLoad {
    bool replace = false;
    std::string connector;
    std::string data_source;
    std::string format;  ///< empty: what the keys say
    std::string output = "text";
    bool dry_run = false;
    bool join = false;
    CloudLoadOptions options;
};

/// Whether a connector is one to an object store. @throws errors::UnknownConnectorError
bool is_object_store(const std::string& connector);

/// A connector to an object store. @throws errors::InvalidArgument for one to something else
std::unique_ptr<CloudConnector> object_store(Context& context, const std::string& name);

/// Loads what the arguments choose, and says what it came to. @return the exit code
int load_objects(Context& context, const ObjectArguments& objects, ObjectLoad load);

}  // namespace tinybird_cdk::cli
