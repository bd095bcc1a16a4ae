// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/schema.hpp>

#include "cli/context.hpp"

namespace tinybird_cdk::cli {

struct SchemaDiffArguments {
    std::string data_source;  ///< empty: named as the table
    bool apply = false;
    bool json = false;
};

/// Compares a table's schema with the data source that holds it, and adds new columns where asked to.
/// @return the exit code: 0 when nothing is left to be done, 4 when they differ
int run_schema_diff(Context& context, const schema::Schema& table, const SchemaDiffArguments& arguments);

}  // namespace tinybird_cdk::cli
