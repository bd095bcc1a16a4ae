// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

/// libchdb's C functions, as its public header documents them (github.com/chdb-io/chdb-core, programs/local/chdb.h).
/// The library is 566 MB and optional, so it is loaded at run time and never linked.
namespace tinybird_cdk::local::chdb {

struct ConnectionHandle;  ///< what chdb_connection points to
struct ResultHandle;
struct InsertHandle;

/// chdb_query_analysis_v1
struct QueryAnalysis {
    std::uint32_t struct_size = sizeof(QueryAnalysis);
    std::uint32_t statement_count = 0;
    std::uint32_t flags = 0;
    std::uint32_t query_class = 4;
};
inline constexpr std::uint32_t class_read_only = 0;

/// The functions that the server calls.
struct Functions {
    ConnectionHandle** (*connect)(int, char**) = nullptr;
    void (*close)(ConnectionHandle**) = nullptr;
    ResultHandle* (*query)(ConnectionHandle*, const char*, std::size_t, const char*, std::size_t) = nullptr;
    void (*destroy_result)(ResultHandle*) = nullptr;
    char* (*result_buffer)(ResultHandle*) = nullptr;
    std::size_t (*result_length)(ResultHandle*) = nullptr;
    const char* (*result_error)(ResultHandle*) = nullptr;
    std::uint64_t (*result_rows_written)(ResultHandle*) = nullptr;
    InsertHandle* (*insert)(ConnectionHandle*, const char*, std::size_t, const char*, std::size_t) = nullptr;
    int (*append)(InsertHandle*, const void*, std::size_t) = nullptr;
    ResultHandle* (*insert_done)(InsertHandle*) = nullptr;
    void (*cancel_insert)(InsertHandle*) = nullptr;
    const char* (*insert_error)(InsertHandle*) = nullptr;
    void (*destroy_insert)(InsertHandle*) = nullptr;
    int (*classify)(ConnectionHandle*, const char*, std::size_t, const char*, std::size_t, QueryAnalysis*) = nullptr;
    void (*set_signal_handlers_enabled)(int) = nullptr;
};

/// Loads the library once. It stays loaded for the life of the process, for its threads do.
class Library {
public:
    /// @throws errors::Error when the file is not there, can't be loaded, or is too old to have all functions
    explicit Library(const std::filesystem::path& file);
    [[nodiscard]] const Functions& functions() const noexcept { return functions_; }

private:
    Functions functions_;
};

/// Where the library is: the argument, TB_CDK_LIBCHDB, beside the program's installation, or in the source tree.
/// @throws errors::Error when it is nowhere, with how to get it
std::filesystem::path find_library(const std::filesystem::path& argument);

}  // namespace tinybird_cdk::local::chdb
