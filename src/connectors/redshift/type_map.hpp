// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <tinybird_cdk/schema.hpp>

namespace tinybird_cdk::redshift {

/// A column of a table, as SVV_ALL_COLUMNS has it.
struct TableColumn {
    std::string name;
    std::string data_type;              ///< as in "character varying"
    std::optional<int> precision = {};  ///< of a number
    int scale = 0;
    bool is_nullable = true;
};

/// The column of the data source that holds it, with a remark where there is something to say. Pure.
schema::Column suggest_column(const TableColumn& column);

}  // namespace tinybird_cdk::redshift
