// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace tinybird_cdk {

/// A block of bytes that is handed over whole, never copied. Movable only.
class Buffer {
public:
    Buffer() = default;
    explicit Buffer(std::size_t capacity)
        : data_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

    Buffer(Buffer&& other) noexcept
        : data_(std::move(other.data_)),
          capacity_(std::exchange(other.capacity_, 0)),
          size_(std::exchange(other.size_, 0)),
          rows_(std::exchange(other.rows_, 0)),
          ends_file_(std::exchange(other.ends_file_, false)) {}
    Buffer& operator=(Buffer&& other) noexcept {
        data_ = std::move(other.data_);
        capacity_ = std::exchange(other.capacity_, 0);
        size_ = std::exchange(other.size_, 0);
        rows_ = std::exchange(other.rows_, 0);
        ends_file_ = std::exchange(other.ends_file_, false);
        return *this;
    }

    [[nodiscard]] char* data() noexcept { return data_.get(); }
    [[nodiscard]] const char* data() const noexcept { return data_.get(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::string_view view() const noexcept { return {data_.get(), size_}; }
    /// Rows that end in this block; for Parquet about.
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
    /// A file is complete with this block: what follows is another one. Only Parquet has files that can't be cut
    /// anywhere.
    [[nodiscard]] bool ends_file() const noexcept { return ends_file_; }
    void set(std::size_t size, std::uint64_t rows, bool ends_file = false) noexcept {
        size_ = size;
        rows_ = rows;
        ends_file_ = ends_file;
    }

private:
    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
    std::uint64_t rows_ = 0;
    bool ends_file_ = false;
};

/// Where a row writer puts its full blocks. Called from the one thread that writes rows.
class BufferSink {
public:
    BufferSink() = default;
    BufferSink(const BufferSink&) = delete;
    BufferSink& operator=(const BufferSink&) = delete;
    virtual ~BufferSink() = default;
    /// Takes a full block and gives back an empty one of at least `wanted` bytes (a recycled one where it can).
    /// May block: that is the back-pressure. May throw: the write of rows then ends with that exception.
    virtual Buffer exchange(Buffer full, std::size_t wanted) = 0;
};

}  // namespace tinybird_cdk
