// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <tinybird_cdk/connector.hpp>

namespace tinybird_cdk::framework {

/// @throws errors::InvalidArgument for options that would make an incremental load leave rows behind
void refuse_for_incremental(const LoadOptions& options);

/// @throws errors::InvalidArgument when the query has no column of that name, or two
ResultColumn cursor_column(const std::vector<ResultColumn>& columns, const std::string& name);

/// Logs what is read and what people should know.
void say_range(const std::string& column, const std::string& data_source, const IncrementalRange& range);

}  // namespace tinybird_cdk::framework
