// SPDX-License-Identifier: Apache-2.0
#include "encode/arrow/values.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::encode {

std::unique_ptr<ArrowValues> make_arrow_values(const ArrowSchema& schema, const ArrowDialect& dialect) {
    ArrowSchemaView type;
    ArrowError error{};
    const char* const name = schema.name == nullptr ? "" : schema.name;
    if (ArrowSchemaViewInit(&type, &schema, &error) != NANOARROW_OK) {
        throw errors::ExternalDatasourceError(fmt::format("the Arrow type \"{}\" of \"{}\" can't be read: {}",
                                                          schema.format == nullptr ? "" : schema.format, name,
                                                          error.message));
    }
    // An extension type comes first: what it is stored as is not what it means.
    for (const auto make : {make_extension_values, make_number_values, make_text_values}) {
        if (auto values = make(type)) {
            return values;
        }
    }
    if (auto values = make_time_values(type, dialect)) {
        return values;
    }
    if (auto values = make_nested_values(type, dialect)) {
        return values;
    }
    throw errors::ExternalDatasourceError(
        fmt::format("\"{}\" has the Arrow type \"{}\", which the kit can't write", name, schema.format), {},
        "Cast the column to text in the query.");
}

}  // namespace tinybird_cdk::encode
