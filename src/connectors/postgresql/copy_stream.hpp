// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinybird_cdk/row_writer.hpp>

#include "codec.hpp"

namespace tinybird_cdk::postgresql {

/// The binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"): a signature and
/// flags, then tuples of length-prefixed fields, then a trailer. Pure: bytes in, rows out.
class CopyStream {
public:
    explicit CopyStream(std::vector<Decoder> decoders) : decoders_(std::move(decoders)), column_(decoders_.size()) {}

    /// One message as the server sends them: the signature (alone or with the first tuple), a tuple, or the trailer.
    /// @throws MalformedData, and what the row writer throws
    void message(std::string_view bytes, RowWriter& writer);
    /// The trailer was seen.
    [[nodiscard]] bool ended() const noexcept { return ended_; }
    /// Where it stopped when message() threw: the column's index, or their number when it was not in a value.
    [[nodiscard]] std::size_t column() const noexcept { return column_; }

private:
    const std::vector<Decoder> decoders_;
    std::string scratch_;
    std::size_t column_;
    bool begun_ = false;
    bool ended_ = false;
};

}  // namespace tinybird_cdk::postgresql
