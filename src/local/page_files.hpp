// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace tinybird_cdk::local {

/// A file of src/local/page, as it was when the program was built.
struct PageFile {
    std::string_view name;
    std::string_view content;
    std::string_view hash;  ///< of the content, in hexadecimal
};

/// All of them. Written by cmake/EmbedFiles.cmake.
std::span<const PageFile> page_files();

}  // namespace tinybird_cdk::local
