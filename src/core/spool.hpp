// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/file_descriptor.hpp"

namespace tinybird_cdk::core {

/// A temporary file without a name: nothing of it is left, whatever ends the process. In $TMPDIR, else in /tmp.
/// One thread at a time. All calls throw errors::Error when the disk is full or broken.
class Spool {
public:
    Spool();

    /// Adds bytes at the end.
    void write(std::string_view bytes);
    /// Reads from where the last read ended. @return the number of bytes, 0 at the end
    std::size_t read(std::span<char> into);
    /// Reading begins anew at the first byte.
    void rewind() noexcept { read_at_ = 0; }
    /// Throws all bytes away.
    void clear();
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
    FileDescriptor file_;
    std::uint64_t size_ = 0;
    std::uint64_t read_at_ = 0;
};

}  // namespace tinybird_cdk::core
