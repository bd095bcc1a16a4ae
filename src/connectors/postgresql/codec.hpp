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

/// The decoder of a built-in type; without `decode` when the codec does not know the type, or it is an array.
/// @param server_version of the sender, as in 150004: since 17 an interval may be infinite
Decoder scalar_decoder(oid::Oid type, int server_version) noexcept;
/// The decoder of arrays; without `decode` when the codec does not know the element's type.
/// @param element_type as the array names it, @param sent_as the type whose form its elements have: that of a domain's
/// elements is the type below the domain, that of an enum's is text
Decoder array_decoder(oid::Oid element_type, oid::Oid sent_as, int server_version) noexcept;

}  // namespace tinybird_cdk::postgresql
