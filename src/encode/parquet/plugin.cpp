// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <string>
#include <system_error>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "encode/parquet/file_writer.hpp"

namespace tinybird_cdk::encode::parquet {

namespace {

constexpr const char* file_name = "libtinybird_cdk_parquet.so";

/// libparquet exports an OpenSSL of its own: without RTLD_DEEPBIND the program's and the plugin's would mix. The
/// sanitisers replace the allocator for the whole process, which is what RTLD_DEEPBIND undoes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int flags = RTLD_NOW | RTLD_LOCAL;
#else
constexpr int flags = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

const tb_cdk_parquet_api& load() {
    std::string tried;
    for (const std::filesystem::path& place : plugin_places()) {
        std::error_code error;
        // A bare name is for the loader to find.
        if (place.has_parent_path() && !std::filesystem::exists(place, error)) {
            tried += fmt::format("{}{}", tried.empty() ? "" : ", ", place.string());
            continue;
        }
        void* const library = dlopen(place.c_str(), flags);
        if (library == nullptr) {
            const char* const why = dlerror();
            tried += fmt::format("{}{}", tried.empty() ? "" : ", ", why == nullptr ? place.c_str() : why);
            continue;
        }
        // Never unloaded: Arrow leaves threads and their destructors behind.
        auto* const entry = reinterpret_cast<tb_cdk_parquet_entry>(dlsym(library, TB_CDK_PARQUET_ENTRY));
        if (entry == nullptr) {
            tried += fmt::format("{}{} (of another version)", tried.empty() ? "" : ", ", place.string());
            continue;
        }
        return *entry();
    }
    throw errors::UnsupportedFormatError(
        fmt::format("the part that writes Parquet is not installed (looked for: {})", tried),
        "Choose csv or ndjson, or build the kit with Arrow's C++ library (see docs/parquet.md).");
}

}  // namespace

std::vector<std::filesystem::path> plugin_places() {
    std::vector<std::filesystem::path> places;
    std::error_code error;
    // The installed tree can be moved: beside the program first.
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (!error) {
        places.push_back(program.parent_path().parent_path() / TB_CDK_LIBDIR / "tinybird_cdk" / file_name);
    }
    for (const char* const directory : {TB_CDK_PARQUET_BUILT, TB_CDK_PARQUET_INSTALLED}) {
        if (*directory != '\0') {
            places.push_back(std::filesystem::path(directory) / file_name);
        }
    }
    places.emplace_back(file_name);
    return places;
}

const tb_cdk_parquet_api& plugin() {
    static const tb_cdk_parquet_api& api = load();
    return api;
}

}  // namespace tinybird_cdk::encode::parquet
