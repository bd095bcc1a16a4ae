// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "arrow_column.hpp"

namespace tinybird_cdk::bigquery {

/// For a value that is neither a record nor an array. @throws as make_arrow_column()
std::unique_ptr<ArrowColumn> make_arrow_scalar(const Field& field, const ArrowSchema& schema);

/// @throws errors::ExternalDatasourceError always
[[noreturn]] void refuse_arrow_type(const Field& field, const ArrowSchema& schema);

}  // namespace tinybird_cdk::bigquery
