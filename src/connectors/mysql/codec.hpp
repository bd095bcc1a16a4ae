// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tinybird_cdk/row_writer.hpp>

#include "field.hpp"
#include "wire.hpp"

namespace tinybird_cdk::mysql {

/// Turns the values of one column, in the binary protocol of prepared statements
/// (https://mariadb.com/kb/en/resultset-row/#binary-resultset-row), into calls of the row writer. Pure: no connection.
struct Decoder {
    /// Takes one value off the wire. @param scratch text that is being put together; used again for each value
    using Decode = void (*)(const Decoder& self, Wire& wire, RowWriter& writer, std::string& scratch);

    Decode decode = nullptr;
    unsigned int decimals = 0;  ///< of dates: digits of the fraction

    /// @throws MalformedData, and what the row writer throws
    void operator()(Wire& wire, RowWriter& writer, std::string& scratch) const { decode(*this, wire, writer, scratch); }
};

Decoder decoder_for(const Field& field) noexcept;

}  // namespace tinybird_cdk::mysql
