// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <tinybird_cdk/row_writer.hpp>

#include "oids.hpp"

namespace tinybird_cdk::postgresql {

/// Turns the binary form of one column's values into calls of the row writer. Pure: no connection.
struct Decoder {
    /// @param scratch text that is being put together; used again for each value
    using Decode = void (*)(const Decoder& self, std::string_view bytes, RowWriter& writer, std::string& scratch);

    Decode decode = nullptr;
    /// Of an array: how its elements are decoded, and of which type they must be.
    Decode element = nullptr;
    oid::Oid element_type = 0;

    /// @throws MalformedData, and what the row writer throws
    void operator()(std::string_view bytes, RowWriter& writer, std::string& scratch) const {
        decode(*this, bytes, writer, scratch);
    }
};

/// The decoder of a built-in type that is not an array; without `decode` when the codec does not know the type.
Decoder scalar_decoder(oid::Oid type) noexcept;
/// The decoder of arrays of this element type; without `decode` when the codec does not know the type.
Decoder array_decoder(oid::Oid element_type) noexcept;
/// Text, whatever the type's own id is: enums are sent as their labels.
Decoder text_decoder() noexcept;
/// Arrays of text under another type's id.
Decoder text_array_decoder(oid::Oid element_type) noexcept;

}  // namespace tinybird_cdk::postgresql
