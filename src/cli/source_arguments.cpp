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

std::unique_ptr<SqlConnector> SourceArguments::make(Context& context) const {
    return sql_connector_for(connector, context.environment());
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
