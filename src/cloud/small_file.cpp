// SPDX-License-Identifier: Apache-2.0
#include "cloud/small_file.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <system_error>

namespace tinybird_cdk::cloud {

namespace {

constexpr std::size_t largest = std::size_t{1} << 20;

struct Close {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

std::string last_error() {
    return std::generic_category().message(errno);
}

}  // namespace

SmallFile read_small_file(const std::string& path) {
    const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
    if (!file) {
        return {.text = {}, .failure = last_error()};
    }
    SmallFile result;
    std::array<char, 4096> block{};
    while (const std::size_t count = std::fread(block.data(), 1, block.size(), file.get())) {
        result.text.append(block.data(), count);
        if (result.text.size() > largest) {
            return {.text = {}, .failure = "It is larger than 1 MiB"};
        }
    }
    // A directory can be opened, and fails here.
    if (std::ferror(file.get()) != 0) {
        return {.text = {}, .failure = last_error()};
    }
    return result;
}

}  // namespace tinybird_cdk::cloud
