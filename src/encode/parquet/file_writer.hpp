// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <filesystem>
#include <string_view>
#include <vector>

#include <tinybird_cdk/record_batches.hpp>

#include "encode/output.hpp"
#include "encode/parquet/plugin/plugin_api.h"

namespace tinybird_cdk::encode::parquet {

/// The plugin, loaded at the first call and kept for the life of the process. Thread-safe.
/// @throws errors::UnsupportedFormatError when it is not there or can't be loaded, saying where it was looked for
const tb_cdk_parquet_api& plugin();

/// Where the plugin is looked for, in this order.
std::vector<std::filesystem::path> plugin_places();

/// A Parquet file on its way into blocks, one row group at a time.
class FileWriter {
public:
    /// @param output must outlive the writer
    FileWriter(const tb_cdk_parquet_api& api, Output& output) noexcept : api_(api), output_(output) {}
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;
    ~FileWriter() { close(); }

    /// @throws errors::Error, and what the sink of the blocks throws, as do the other calls
    void open(OwnedArrowSchema schema);
    [[nodiscard]] bool is_open() const noexcept { return writer_ != nullptr; }
    /// @param rows are read before this returns, and stay the caller's
    void write(const ArrowArray& rows);
    void finish();

private:
    static int take(void* context, const char* bytes, std::size_t count) noexcept;
    void check(int code, const tb_cdk_parquet_failure& failure);
    void close() noexcept;

    const tb_cdk_parquet_api& api_;
    Output& output_;
    void* writer_ = nullptr;
    bool abandoned_ = false;
    std::exception_ptr sink_failure_;  ///< kept while the plugin's frames are left
};

}  // namespace tinybird_cdk::encode::parquet
