// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <tinybird_cdk/schema.hpp>

#include "local/ingest/field.hpp"
#include "local/ingest/nested_cursor.hpp"

namespace tinybird_cdk::local::ingest {

/// The values of one column, gathered as ClickHouse's Native format has them
/// (https://clickhouse.com/docs/interfaces/formats/Native).
class Column {
public:
    Column() = default;
    Column(const Column&) = delete;
    Column& operator=(const Column&) = delete;
    virtual ~Column() = default;

    /// Adds one value. @return false: the column is not certain what the value is, and `take_back()` must follow
    virtual bool add(const Field& field) = 0;
    /// The same with the next value of a nested text.
    virtual bool add(NestedCursor& cursor) {
        Field field;
        return cursor.leaf(field) && add(field);
    }
    /// Remembers how much there is.
    virtual void mark() = 0;
    /// Drops what came behind the mark.
    virtual void take_back() = 0;
    virtual void clear() = 0;
    virtual void append_data(std::string& out) const = 0;
};

/// What a field that is not there means in a column that has neither NULL nor a default.
enum class Missing { refused, empty_text };

/// Values of a type that `plain_type()` gave, each checked exactly. @return nothing for types of which it is never
/// certain. @param missing of a String
std::unique_ptr<Column> typed_column(const schema::Type& plain, Missing missing);

/// Values of one scalar type.
std::unique_ptr<Column> typed_scalar(const schema::Type& plain, Missing missing);

/// The texts of values, as `staged_type()` has them. It takes everything but a nested text that has another shape.
std::unique_ptr<Column> text_column(const schema::Type& plain);

}  // namespace tinybird_cdk::local::ingest
