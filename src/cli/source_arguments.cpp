// SPDX-License-Identifier: Apache-2.0
#include "cli/source_arguments.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/registry.hpp>

namespace tinybird_cdk::cli {

void SourceArguments::add_connector_to(CLI::App& command) {
    command.add_option("-c,--connector", connector, "where data comes from; `tb-cdk connectors` lists them")
        ->type_name("NAME")
        ->required();
}

void SourceArguments::add_parents_to(CLI::App& command) {
    command.add_option("--parent", parents, "a choice on the way to a table, as in schema=public; repeatable")
        ->type_name("SCOPE=NAME")
        ->allow_extra_args(false);
}

void SourceArguments::add_limits_to(CLI::App& command) {
    command
        .add_option("--statement-timeout", statement_timeout,
                    "the longest that a statement may run at the source, its rows' way included, as in 30s, 5m, 1h")
        ->type_name("TIME");
    command
        .add_option("--lock-timeout", lock_timeout,
                    "the longest to wait for a lock, and for the writers of an incremental load, as in 500ms, 5s")
        ->type_name("TIME");
    command.add_flag("--replica", replica, "read from a replica; a server that takes writes is refused");
}

std::unique_ptr<SqlConnector> SourceArguments::make(Context& context) const {
    SourceLimits limits;
    if (!statement_timeout.empty()) {
        limits.statement_timeout = parse_timeout(statement_timeout);
    }
    if (!lock_timeout.empty()) {
        limits.lock_timeout = parse_timeout(lock_timeout);
    }
    limits.replica = replica;
    auto made = sql_connector_for(connector, context.environment());
    made->set_source_limits(limits);
    made->set_stop(context.stop());
    return made;
}

Parents SourceArguments::parsed_parents() const {
    Parents result;
    for (const std::string& parent : parents) {
        const std::size_t equals = parent.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == parent.size()) {
            throw errors::InvalidArgument(fmt::format("--parent \"{}\" is not SCOPE=NAME", parent),
                                          "Write it as in --parent schema=public --parent table=orders.");
        }
        if (!result.emplace(parent.substr(0, equals), parent.substr(equals + 1)).second) {
            throw errors::InvalidArgument(fmt::format("--parent {} is given twice", parent.substr(0, equals)));
        }
    }
    return result;
}

std::string text_argument(const std::string& text, const std::string& file) {
    if (text == "-" || file == "-") {
        return {std::istreambuf_iterator<char>(std::cin), {}};
    }
    if (file.empty()) {
        return text;
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw errors::InvalidArgument(fmt::format("can't read {}", file));
    }
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace tinybird_cdk::cli
