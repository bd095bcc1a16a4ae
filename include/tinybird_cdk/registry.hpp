// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/type_notes.hpp>

namespace tinybird_cdk {

enum class ConnectorKind { sql, cloud, streaming };

/// All that help, docs, the command line and the conformance suite know of a connector. Lives as long as the process.
struct ConnectorSpec {
    std::string_view name;     ///< as in "postgresql"
    std::string_view summary;  ///< one line
    ConnectorKind kind = ConnectorKind::sql;
    std::span<const ConfigOption> options;  ///< the variables it reads, beside Tinybird's
    std::string_view documentation;         ///< URL of the driver's own documentation of its variables; may be empty
    std::unique_ptr<Connector> (*make)(const Environment& environment) = nullptr;
    /// What it makes of the source's types, each with values to show it by; nothing where it has no such table.
    std::vector<TypeNote> (*types)() = nullptr;
};

/// A new connector by its name. @throws errors::UnknownConnectorError
std::unique_ptr<Connector> connector_for(std::string_view name,
                                         const Environment& environment = Environment::process());

/// The same, for a connector to a SQL database. @throws also errors::InvalidArgument when it is of another kind
std::unique_ptr<SqlConnector> sql_connector_for(std::string_view name,
                                                const Environment& environment = Environment::process());

/// All connectors of this build and those added by `register_connector()`, sorted by name.
std::vector<const ConnectorSpec*> connectors();

/// Makes a connector from outside the kit known to `connector_for()`. Thread-safe.
/// @param spec must live as long as the process. @throws errors::InvalidArgument when the name is taken
void register_connector(const ConnectorSpec& spec);

}  // namespace tinybird_cdk
