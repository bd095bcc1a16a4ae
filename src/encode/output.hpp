// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <tinybird_cdk/buffer.hpp>

namespace tinybird_cdk::encode {

/// The block being filled. Blocks go to the sink at row ends; a row that is longer than a block makes it grow.
class Output {
public:
    Output(BufferSink& sink, std::size_t block_bytes);

    /// Room for `count` more bytes. @return where they go; `advance_to()` tells how far they went
    char* reserve(std::size_t count) {
        if (static_cast<std::size_t>(end_ - cursor_) < count) [[unlikely]] {
            grow(count);
        }
        return cursor_;
    }
    /// A long value comes: room for it at once, and for the few of its characters that take more than one byte.
    void expect(std::size_t count) { reserve(count + count / 16 + slack); }
    void advance_to(char* cursor) noexcept { cursor_ = cursor; }

    void put(char c) {
        *reserve(1) = c;
        ++cursor_;
    }
    void append(std::string_view bytes) {
        std::memcpy(reserve(bytes.size()), bytes.data(), bytes.size());
        cursor_ += bytes.size();
    }

    /// A row is complete: hands the block over when it is full.
    void end_row() {
        ++rows_in_block_;
        if (static_cast<std::size_t>(cursor_ - buffer_.data()) >= block_bytes_) [[unlikely]] {
            flush();
        }
    }
    void flush() { flush(false); }

    // For a format whose rows don't lie one behind the other.

    void count_row() noexcept { ++rows_in_block_; }
    /// Bytes that may be cut into blocks anywhere.
    void append_in_blocks(std::string_view bytes);
    /// The next byte belongs to another file.
    void end_file() { flush(true); }

    [[nodiscard]] std::uint64_t bytes() const noexcept {
        return flushed_bytes_ + static_cast<std::uint64_t>(cursor_ - buffer_.data());
    }
    [[nodiscard]] std::uint64_t rows() const noexcept { return flushed_rows_ + rows_in_block_; }

private:
    /// So that the last row of a block seldom makes it grow, nor the worst case of a value's last piece.
    static constexpr std::size_t slack = std::size_t{20} * 1024;

    void grow(std::size_t count);
    void flush(bool ends_file);

    BufferSink& sink_;
    const std::size_t block_bytes_;
    Buffer buffer_;
    char* cursor_;
    char* end_;
    std::uint64_t rows_in_block_ = 0;
    std::uint64_t flushed_rows_ = 0;
    std::uint64_t flushed_bytes_ = 0;
};

}  // namespace tinybird_cdk::encode
