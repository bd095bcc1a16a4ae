// SPDX-License-Identifier: Apache-2.0
#include "local/private_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/file_descriptor.hpp"

namespace tinybird_cdk::local {

namespace {

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

void write_private_file(const std::filesystem::path& file, std::string_view text) {
    const std::filesystem::path next = file.string() + ".next";
    // One that is there already may be open to others.
    std::error_code ignored;
    std::filesystem::remove(next, ignored);
    {
        const core::FileDescriptor made(::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!made || !write_all(made.get(), text)) {
            throw errors::Error(fmt::format("can't write {}", file.string()), "Is the disk full?",
                                errors::ExitCode::temporary);
        }
    }
    std::filesystem::rename(next, file);
}

}  // namespace tinybird_cdk::local
