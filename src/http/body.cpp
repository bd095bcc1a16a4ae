// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/body.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/file_descriptor.hpp"

namespace tinybird_cdk {

namespace {

class MemoryBody final : public Body {
public:
    explicit MemoryBody(std::string_view bytes) : bytes_(bytes) {}

    std::size_t read(std::span<char> into) override {
        const std::size_t count = std::min(into.size(), bytes_.size() - position_);
        std::memcpy(into.data(), bytes_.data() + position_, count);
        position_ += count;
        return count;
    }
    bool rewind() override {
        position_ = 0;
        return true;
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return bytes_.size(); }

private:
    std::string_view bytes_;
    std::size_t position_ = 0;
};

[[noreturn]] void throw_unreadable(const std::filesystem::path& path, int error) {
    throw errors::InvalidArgument(
        fmt::format("can't read {}: {}", path.string(), std::generic_category().message(error)));
}

class FileBody final : public Body {
public:
    explicit FileBody(const std::filesystem::path& path)
        : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        struct stat status {};
        if (!file_ || ::fstat(file_.get(), &status) != 0) {
            throw_unreadable(path, errno);
        }
        if (S_ISDIR(status.st_mode)) {
            throw_unreadable(path, EISDIR);
        }
        if (S_ISREG(status.st_mode)) {
            size_ = static_cast<std::uint64_t>(status.st_size);
        }
    }

    std::size_t read(std::span<char> into) override {
        while (true) {
            const ssize_t count = ::read(file_.get(), into.data(), into.size());
            if (count >= 0) {
                return static_cast<std::size_t>(count);
            }
            if (errno != EINTR) {
                throw_unreadable(path_, errno);
            }
        }
    }
    /// A pipe can't be read again.
    bool rewind() override { return ::lseek(file_.get(), 0, SEEK_SET) == 0; }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }

private:
    const std::filesystem::path path_;
    core::FileDescriptor file_;
    std::optional<std::uint64_t> size_;
};

}  // namespace

std::unique_ptr<Body> body_of(std::string_view bytes) {
    return std::make_unique<MemoryBody>(bytes);
}

std::unique_ptr<Body> body_of_file(const std::filesystem::path& path) {
    return std::make_unique<FileBody>(path);
}

}  // namespace tinybird_cdk
