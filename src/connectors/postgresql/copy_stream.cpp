// SPDX-License-Identifier: Apache-2.0
#include "copy_stream.hpp"

#include "wire.hpp"

namespace tinybird_cdk::postgresql {

namespace {

constexpr std::string_view signature("PGCOPY\n\377\r\n\0", 11);
/// Bits 16 to 31 of the flags change the format; bit 16 means that there are OIDs, which PostgreSQL 12 gave up.
constexpr std::uint32_t critical_flags = 0xFFFF0000U;
constexpr std::int16_t trailer = -1;

}  // namespace

void CopyStream::message(std::string_view bytes, RowWriter& writer) {
    Wire wire(bytes);
    if (!begun_) {
        if (wire.take(signature.size()) != signature) {
            throw MalformedData("the copy does not begin with its signature");
        }
        if ((wire.number<std::uint32_t>() & critical_flags) != 0) {
            throw MalformedData("the copy is in an unknown variant of the format");
        }
        wire.take(wire.number<std::uint32_t>());
        begun_ = true;
    }
    while (wire.left() > 0) {
        if (ended_) {
            throw MalformedData("something follows the end of the copy");
        }
        const std::int16_t fields = wire.int16();
        if (fields == trailer) {
            ended_ = true;
            continue;
        }
        if (static_cast<std::size_t>(fields) != decoders_.size()) {
            throw MalformedData("a row has another number of fields than the query");
        }
        writer.begin_row();
        for (column_ = 0; column_ < decoders_.size(); ++column_) {
            const std::int32_t size = wire.int32();
            if (size == -1) {
                writer.null();
            } else if (size < 0) {
                throw MalformedData("a field has a negative length");
            } else {
                decoders_[column_](wire.take(static_cast<std::size_t>(size)), writer, scratch_);
            }
        }
        writer.end_row();
    }
}

}  // namespace tinybird_cdk::postgresql
