// SPDX-License-Identifier: Apache-2.0
#include "encode/output.hpp"

#include <algorithm>
#include <utility>

namespace tinybird_cdk::encode {

Output::Output(BufferSink& sink, std::size_t block_bytes)
    : sink_(sink),
      block_bytes_(std::max<std::size_t>(block_bytes, 1)),
      buffer_(block_bytes_ + slack),
      cursor_(buffer_.data()),
      end_(buffer_.data() + buffer_.capacity()) {}

void Output::grow(std::size_t count) {
    const auto used = static_cast<std::size_t>(cursor_ - buffer_.data());
    Buffer larger(std::max(buffer_.capacity() * 2, used + count));
    std::memcpy(larger.data(), buffer_.data(), used);
    buffer_ = std::move(larger);
    cursor_ = buffer_.data() + used;
    end_ = buffer_.data() + buffer_.capacity();
}

void Output::append_in_blocks(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto used = static_cast<std::size_t>(cursor_ - buffer_.data());
        if (used >= block_bytes_) {
            // Not before more bytes come: the last block of a file is never empty.
            flush(false);
            continue;
        }
        const std::string_view part = bytes.substr(0, block_bytes_ - used);
        append(part);
        bytes.remove_prefix(part.size());
    }
}

void Output::flush(bool ends_file) {
    const auto used = static_cast<std::size_t>(cursor_ - buffer_.data());
    if (used == 0) {
        return;
    }
    buffer_.set(used, rows_in_block_, ends_file);
    flushed_bytes_ += used;
    flushed_rows_ += rows_in_block_;
    rows_in_block_ = 0;
    // Should the sink throw, the counts stay right.
    cursor_ = nullptr;
    end_ = nullptr;
    buffer_ = sink_.exchange(std::move(buffer_), block_bytes_ + slack);
    cursor_ = buffer_.data();
    end_ = buffer_.data() + buffer_.capacity();
}

}  // namespace tinybird_cdk::encode
