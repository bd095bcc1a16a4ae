// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tinybird_cdk/connector.hpp>

#include "cli/context.hpp"

namespace tinybird_cdk::cli {

/// The arguments that say where data comes from.
struct SourceArguments {
    std::string connector;
    std::vector<std::string> parents;  ///< "schema=public"
    std::string statement_timeout;
    std::string lock_timeout;
    bool replica = false;

    void add_connector_to(CLI::App& command);
    void add_parents_to(CLI::App& command);
    /// What the source is to keep to.
    void add_limits_to(CLI::App& command);

    [[nodiscard]] std::unique_ptr<SqlConnector> make(Context& context) const;
    /// @throws errors::InvalidArgument for a parent that is not SCOPE=NAME
    [[nodiscard]] Parents parsed_parents() const;
};

/// The text of an argument that may be given itself, by a file, or by "-" for standard input.
std::string text_argument(const std::string& text, const std::string& file);

}  // namespace tinybird_cdk::cli
