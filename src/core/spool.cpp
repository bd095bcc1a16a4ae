// SPDX-License-Identifier: Apache-2.0
#include "core/spool.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::core {

namespace {

std::string directory() {
    const char* const set = std::getenv("TMPDIR");
    return set != nullptr && *set != '\0' ? set : "/tmp";
}

[[noreturn]] void fail(std::string_view what, int error) {
    throw errors::Error(
        fmt::format("{} a temporary file in {}: {}", what, directory(), std::generic_category().message(error)),
        "Make room there, or set TMPDIR to a directory that has some.", errors::ExitCode::temporary);
}

FileDescriptor open_unnamed() {
    const std::string where = directory();
    FileDescriptor file(::open(where.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file) {
        return file;
    }
    // Not every file system has O_TMPFILE (open(2)); the name then lives for the moment between two calls.
    std::string name = where + "/tinybird-cdk-XXXXXX";
    file = FileDescriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (!file) {
        fail("can't make", errno);
    }
    ::unlink(name.c_str());
    return file;
}

}  // namespace

Spool::Spool() : file_(open_unnamed()) {}

void Spool::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail("can't write", errno);
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
        size_ += static_cast<std::uint64_t>(count);
    }
}

std::size_t Spool::read(std::span<char> into) {
    while (true) {
        const ssize_t count = ::pread(file_.get(), into.data(), into.size(), static_cast<off_t>(read_at_));
        if (count >= 0) {
            read_at_ += static_cast<std::uint64_t>(count);
            return static_cast<std::size_t>(count);
        }
        if (errno != EINTR) {
            fail("can't read", errno);
        }
    }
}

void Spool::clear() {
    if (::ftruncate(file_.get(), 0) != 0) {
        fail("can't empty", errno);
    }
    size_ = 0;
    read_at_ = 0;
}

}  // namespace tinybird_cdk::core
