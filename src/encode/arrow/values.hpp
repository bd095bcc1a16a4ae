// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include <nanoarrow/nanoarrow.h>

#include <tinybird_cdk/row_writer.hpp>

namespace tinybird_cdk::encode {

/// Writes the values of one Arrow array, one by one. Made once from a column's type, then pointed at each batch.
class ArrowValues {
public:
    ArrowValues() = default;
    ArrowValues(const ArrowValues&) = delete;
    ArrowValues& operator=(const ArrowValues&) = delete;
    virtual ~ArrowValues() = default;

    /// The array that the next calls are about; it stays where it is until the next one.
    virtual void attach(const ArrowArrayView& array) { array_ = &array; }
    /// One value call, or those of a whole list, record or map. @param index from 0, the array's offset not counted
    void write(RowWriter& writer, std::int64_t index) {
        if (ArrowArrayViewIsNull(array_, index) != 0) {
            writer.null();
        } else {
            write_value(writer, index);
        }
    }

protected:
    /// `index` is one of a value that is not NULL.
    virtual void write_value(RowWriter& writer, std::int64_t index) = 0;
    [[nodiscard]] const ArrowArrayView& array() const noexcept { return *array_; }

private:
    const ArrowArrayView* array_ = nullptr;
};

/// What a source makes of Arrow's types that the types don't say.
struct ArrowDialect {
    bool infinite_dates = false;  ///< see RecordBatches
};

/// Any type. @throws errors::Error for a type that has no notation, naming it
std::unique_ptr<ArrowValues> make_arrow_values(const ArrowSchema& schema, const ArrowDialect& dialect = {});

// The parts of the above, one per family of types; nothing for a type of another family.
std::unique_ptr<ArrowValues> make_extension_values(const ArrowSchemaView& type);
std::unique_ptr<ArrowValues> make_number_values(const ArrowSchemaView& type);
std::unique_ptr<ArrowValues> make_text_values(const ArrowSchemaView& type);
std::unique_ptr<ArrowValues> make_time_values(const ArrowSchemaView& type, const ArrowDialect& dialect);
std::unique_ptr<ArrowValues> make_nested_values(const ArrowSchemaView& type, const ArrowDialect& dialect);

}  // namespace tinybird_cdk::encode
