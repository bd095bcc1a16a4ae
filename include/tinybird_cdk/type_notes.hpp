// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/schema.hpp>

/// What a connector makes of the types of its source, as data: for its documentation and for `tb-cdk connectors
/// --types`.
namespace tinybird_cdk {

/// A value to show a type by.
struct TypeExample {
    std::string literal;  ///< in the source's notation
    /// Gives it as one row of one column, read by the code that reads it in a load. Called once per format.
    std::function<Export()> read;
};

/// One type of the source.
struct TypeNote {
    std::string source_type;  ///< as the source writes it, as in "numeric(38,10)"
    schema::Type target;      ///< what `suggest_schema()` makes of it, NULL aside
    std::string remark;       ///< that of the suggestion; may be empty
    std::vector<TypeExample> examples;
};

/// A row of one column, "c", from a call that writes its value. @param valid_utf8 the source vouches for its text
Export one_value(std::function<void(RowWriter&)> write, bool valid_utf8 = false);

/// What became of an example on its way into the suggested type.
struct DescribedExample {
    std::string literal;
    /// The value as it stands in each of `described_formats()`, in their order; empty when it is refused.
    std::vector<std::string> notations;
    std::string refusal;  ///< why it is refused unless a policy says otherwise; empty when it is written
};

struct DescribedType {
    std::string source_type;
    schema::Type target;
    std::string parquet;  ///< the type that a Parquet file has for it, by its Arrow name, as in "decimal128(10, 2)"
    std::string remark;
    std::vector<DescribedExample> examples;
};

/// The formats that are text, in which a value can be shown. Parquet is not: of it the type is told.
const std::vector<Format>& described_formats();

/// Writes each example in each format. @throws what reading the examples throws, refused values aside
std::vector<DescribedType> describe_types(const std::vector<TypeNote>& notes);

/// The types of Arrow, for connectors whose source gives record batches; literals are those of pyarrow or JSON.
std::vector<TypeNote> arrow_type_notes();

}  // namespace tinybird_cdk
