// SPDX-License-Identifier: Apache-2.0
#include "local/events/numbered_rows.hpp"

#include <cstdint>
#include <numeric>
#include <vector>

#include "local/ingest/native.hpp"

namespace tinybird_cdk::local {

std::string with_row_numbers(std::string block, std::size_t rows) {
    // The block begins with the count of its columns.
    std::uint64_t columns = 0;
    std::size_t size = 0;
    for (unsigned shift = 0;; shift += 7) {
        const auto byte = static_cast<unsigned char>(block[size++]);
        columns |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
        if ((byte & 0x80U) == 0) {
            break;
        }
    }
    std::string count;
    ingest::append_varint(count, columns + 1);
    block.replace(0, size, count);
    ingest::append_text(block, row_number_column);
    ingest::append_text(block, "UInt64");
    std::vector<std::uint64_t> numbers(rows);
    std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
    ingest::append_values(block, numbers);
    return block;
}

}  // namespace tinybird_cdk::local
