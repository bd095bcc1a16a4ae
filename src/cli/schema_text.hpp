// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::cli {

/// A schema for people, and for programs.
std::string schema_table(const schema::Schema& schema);
std::string schema_json(const schema::Schema& schema);

}  // namespace tinybird_cdk::cli
