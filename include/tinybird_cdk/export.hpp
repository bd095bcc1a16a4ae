// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/record_batches.hpp>
#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/schema.hpp>
#include <tinybird_cdk/source_limits.hpp>
#include <tinybird_cdk/tinybird.hpp>

/// What a connector hands over for one query, in the cheapest form its source can give. Each export owns what it
/// made: when it goes out of scope, files and objects are deleted, however the load ended.
namespace tinybird_cdk {

/// A column of a result, before any target is known.
struct ResultColumn {
    std::string name;
    std::string source_type;  ///< as the source writes it
    bool valid_utf8 = false;  ///< the source guarantees the encoding of its text
    /// The type that holds each value of the column without loss, NULL aside; nothing where types go by value.
    std::optional<schema::Type> type = {};
};

/// A producer of typed values, row by row: the common form.
class Rows {
public:
    Rows() = default;
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    virtual ~Rows() = default;

    /// The columns, known before the first row. Stable for the life of the object.
    [[nodiscard]] virtual const std::vector<ResultColumn>& columns() const = 0;
    /// Runs the query and writes every row, `begin_row()` to `end_row()`; the caller calls `finish()`. May be called
    /// again after it returned or threw: each call begins at the first row. Returns early, with
    /// errors::InterruptedError, when `stop` asks; the query is then cancelled at the source.
    virtual void write(RowWriter& writer, const std::stop_token& stop) = 0;
    /// How many rows to expect, where the source can tell at no cost. For progress only.
    [[nodiscard]] virtual std::optional<std::uint64_t> estimated_rows() const { return std::nullopt; }
};

/// Bytes in memory, in the format asked for.
struct Data {
    std::string bytes;
};

/// A file, deleted with the object. Movable only.
class LocalFile {
public:
    /// @param path in the format asked for; compressed with gzip if it ends in ".gz"
    explicit LocalFile(std::filesystem::path path) : path_(std::move(path)) {}
    LocalFile(LocalFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    LocalFile& operator=(LocalFile&& other) noexcept;
    ~LocalFile() { cleanup(); }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    /// Deletes the file now. Never throws: what can't be deleted is logged as a warning.
    void cleanup() noexcept;

private:
    std::filesystem::path path_;
};

/// Something Tinybird can fetch itself. Nothing to clean up.
struct Url {
    std::string url;
};

/// One object in a bucket, deleted with the export. Movable only.
class CloudFile {
public:
    CloudFile(std::shared_ptr<cloud::Client> client, std::string bucket, std::string key)
        : client_(std::move(client)), bucket_(std::move(bucket)), key_(std::move(key)) {}
    CloudFile(CloudFile&& other) noexcept = default;
    CloudFile& operator=(CloudFile&& other) noexcept;
    ~CloudFile() { cleanup(); }
    [[nodiscard]] cloud::Client& client() const noexcept { return *client_; }
    [[nodiscard]] const std::string& bucket() const noexcept { return bucket_; }
    [[nodiscard]] const std::string& key() const noexcept { return key_; }
    /// Deletes the object now. Never throws: what can't be deleted is logged as a warning, with its URI.
    void cleanup() noexcept;
    /// Deletes the object now, unless that was tried before. @return what could not be deleted and why; empty when
    /// nothing is left
    [[nodiscard]] std::string remove();

private:
    std::shared_ptr<cloud::Client> client_;
    std::string bucket_;
    std::string key_;
};

/// A directory in a bucket, deleted with the export. Movable only.
class CloudDir {
public:
    /// @param header_lines each object begins with the same header line, as CSV may; it is loaded once
    /// @param rows how many rows the objects hold together, by the source's own count. What Tinybird counts is compared
    /// with it; 0: there is nothing to load, whatever the objects are
    CloudDir(std::shared_ptr<cloud::Client> client, std::string bucket, std::string directory,
             bool header_lines = false, std::optional<std::uint64_t> rows = {})
        : client_(std::move(client)),
          bucket_(std::move(bucket)),
          directory_(std::move(directory)),
          header_lines_(header_lines),
          rows_(rows) {}
    CloudDir(CloudDir&& other) noexcept = default;
    CloudDir& operator=(CloudDir&& other) noexcept;
    ~CloudDir() { cleanup(); }
    [[nodiscard]] cloud::Client& client() const noexcept { return *client_; }
    [[nodiscard]] const std::string& bucket() const noexcept { return bucket_; }
    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
    [[nodiscard]] bool header_lines() const noexcept { return header_lines_; }
    [[nodiscard]] std::optional<std::uint64_t> rows() const noexcept { return rows_; }
    /// The objects are in another format than the load asked for.
    void set_format(Format format) noexcept { format_ = format; }
    [[nodiscard]] std::optional<Format> format() const noexcept { return format_; }
    /// How many objects the source says that it wrote. That there are as many is checked before the first one is
    /// loaded.
    void set_objects(std::uint64_t objects) noexcept { objects_ = objects; }
    [[nodiscard]] std::optional<std::uint64_t> objects() const noexcept { return objects_; }
    /// The objects are CSV without header lines, and their columns have these names, in their order. Each import gets
    /// one header line in front of its first object, which the kit writes below the directory: so objects can be joined
    /// inside of a store that takes whole ones only. Not for objects that have header lines, or are compressed.
    void set_columns(std::vector<std::string> names) { columns_ = std::move(names); }
    /// Empty: nothing is put in front.
    [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }
    /// Deletes everything below the directory now. Never throws, as above.
    void cleanup() noexcept;
    /// As above, with the objects one by one.
    [[nodiscard]] std::string remove();

private:
    std::shared_ptr<cloud::Client> client_;
    std::string bucket_;
    std::string directory_;
    bool header_lines_ = false;
    std::optional<std::uint64_t> rows_;
    std::optional<Format> format_;
    std::optional<std::uint64_t> objects_;
    std::vector<std::string> columns_;
};

/// What `SqlConnector::export_()` gives.
using Export =
    std::variant<std::unique_ptr<Rows>, std::unique_ptr<RecordBatches>, Data, LocalFile, Url, CloudFile, CloudDir>;

/// The load that an export is for, as far as it matters to a source that writes the bytes itself: the kit does not look
/// into those.
struct ExportPurpose {
    /// What the rows go to; nothing: the token may not describe it.
    std::optional<tinybird::DataSource> target;
    /// One import or none: the load replaces rows, or is an incremental one.
    bool all_or_nothing = false;
    /// What of the load takes each value in hand, as in "it is verified"; empty: nothing does.
    std::string needs_values = {};
};

/// What an export is asked for.
struct ExportRequest {
    std::string query;
    Format format = Format::csv;
    std::optional<std::uint64_t> row_limit;  ///< at most so many rows
    std::stop_token stop;                    ///< for exports that take long to prepare
    SourceLimits limits = {};                ///< what the source is asked to keep to; checked by the connector before
    /// Rows or RecordBatches are asked for, where the source could give something else too: values are looked at.
    bool as_rows = false;
    std::optional<ExportPurpose> purpose = {};  ///< nothing: a preview, or a query of the kit's own
};

}  // namespace tinybird_cdk
