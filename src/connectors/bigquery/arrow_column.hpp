// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <nanoarrow/nanoarrow.h>

#include <tinybird_cdk/row_writer.hpp>

#include "field.hpp"

namespace tinybird_cdk::bigquery {

/// Writes the values of a column that come as Arrow, with the very calls that write_cell() makes for the same values in
/// an answer of the REST API.
class ArrowColumn {
public:
    ArrowColumn() = default;
    ArrowColumn(const ArrowColumn&) = delete;
    ArrowColumn& operator=(const ArrowColumn&) = delete;
    virtual ~ArrowColumn() = default;

    /// One value, NULL among them. @param row of the array, from 0
    /// @throws errors::ExternalDatasourceError for a value that its type does not have
    virtual void write(RowWriter& writer, const ArrowArrayView& array, std::int64_t row) = 0;
};

/// @throws errors::ExternalDatasourceError when Arrow's type is not the one that BigQuery has for the field's
/// (https://cloud.google.com/bigquery/docs/reference/storage#arrow_schema_details)
std::unique_ptr<ArrowColumn> make_arrow_column(const Field& field, const ArrowSchema& schema);

/// The columns of a result. @param schema a struct @throws errors::ExternalDatasourceError as above, and when they are
/// others
std::vector<std::unique_ptr<ArrowColumn>> make_arrow_columns(const std::vector<Field>& fields,
                                                             const ArrowSchema& schema);

/// Whether these columns are read as Arrow: not those with picoseconds, which sessions as the kit asks for them cut to
/// microseconds, and not those of types that the kit does not know.
bool fits_arrow(const std::vector<Field>& fields) noexcept;

}  // namespace tinybird_cdk::bigquery
