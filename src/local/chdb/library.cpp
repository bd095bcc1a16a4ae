// SPDX-License-Identifier: Apache-2.0
#include "local/chdb/library.hpp"

#include <cstdlib>
#include <string>
#include <vector>

#include <dlfcn.h>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::local::chdb {

namespace {

template <class Function>
void load(void* library, const char* name, Function& function) {
    void* const symbol = ::dlsym(library, name);
    if (symbol == nullptr) {
        throw errors::Error(fmt::format("libchdb has no function {}: this release is too old", name),
                            "Install the release that bin/cdk pins.");
    }
    function = reinterpret_cast<Function>(symbol);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast): dlsym
}

}  // namespace

Library::Library(const std::filesystem::path& file) {
    void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        throw errors::Error(
            fmt::format("can't load {}: {}", file.string(), ::dlerror()));  // NOLINT(concurrency-mt-unsafe)
    }
    load(library, "chdb_connect", functions_.connect);
    load(library, "chdb_close_conn", functions_.close);
    load(library, "chdb_query_n", functions_.query);
    load(library, "chdb_destroy_query_result", functions_.destroy_result);
    load(library, "chdb_result_buffer", functions_.result_buffer);
    load(library, "chdb_result_length", functions_.result_length);
    load(library, "chdb_result_error", functions_.result_error);
    load(library, "chdb_result_rows_written", functions_.result_rows_written);
    load(library, "chdb_stream_insert_n", functions_.insert);
    load(library, "chdb_stream_append", functions_.append);
    load(library, "chdb_stream_done", functions_.insert_done);
    load(library, "chdb_stream_cancel_insert", functions_.cancel_insert);
    load(library, "chdb_stream_insert_error", functions_.insert_error);
    load(library, "chdb_destroy_insert_stream", functions_.destroy_insert);
    load(library, "chdb_classify_query_n", functions_.classify);
    load(library, "chdb_set_signal_handlers_enabled", functions_.set_signal_handlers_enabled);
    // Signals are the server's: the engine's handlers would print traces and hide SIGTERM.
    functions_.set_signal_handlers_enabled(0);
}

std::filesystem::path find_library(const std::filesystem::path& argument) {
    std::vector<std::filesystem::path> places;
    const char* const variable = std::getenv("TB_CDK_LIBCHDB");  // NOLINT(concurrency-mt-unsafe)
    if (!argument.empty()) {
        places = {argument};
    } else if (variable != nullptr && *variable != '\0') {
        places = {variable};
    } else {
        std::error_code ignored;
        const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
        places = {program.parent_path().parent_path() / "lib" / "tinybird_cdk" / "libchdb.so", TB_CDK_PROJECT_LIBCHDB};
    }
    for (const auto& place : places) {
        std::error_code ignored;
        if (std::filesystem::exists(place, ignored)) {
            return place;
        }
    }
    throw errors::Error(fmt::format("libchdb.so, the embedded ClickHouse, is not at {}", places.back().string()),
                        "`bin/cdk local` installs it; or name it with --libchdb or TB_CDK_LIBCHDB.");
}

}  // namespace tinybird_cdk::local::chdb
