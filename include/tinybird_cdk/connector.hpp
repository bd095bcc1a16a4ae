// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/export.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/incremental.hpp>
#include <tinybird_cdk/load_preview.hpp>
#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/schema.hpp>
#include <tinybird_cdk/source_limits.hpp>
#include <tinybird_cdk/tinybird.hpp>
#include <tinybird_cdk/value.hpp>

namespace tinybird_cdk {

/// A level of the way to a table, as in {"Schema", "schema"}.
struct Scope {
    std::string name;   ///< for people
    std::string value;  ///< for programs: the key in `Parents`
};

/// One thing inside a scope: a database, a schema, a table.
struct ScopeItem {
    std::string name;                    ///< for people
    std::string value;                   ///< what to pass as a parent
    std::string kind;                    ///< "table", "view", …; empty where there is only one kind
    std::optional<std::uint64_t> rows;   ///< where the source knows it; may be an estimate
    std::optional<std::uint64_t> bytes;  ///< likewise
};

/// The choices made so far: scope value → item value, as in {"schema", "public"}, {"table", "flights"}.
using Parents = std::map<std::string, std::string, std::less<>>;

/// How far a load is. All numbers are of the whole load.
struct Progress {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;                      ///< sent, before compression
    std::optional<std::uint64_t> estimated_rows;  ///< from the source
    std::string_view stage;                       ///< "uploading" or "importing"
};

/// What varies between loads. What doesn't is configuration, and comes from the environment.
struct LoadOptions {
    Format format = Format::csv;
    /// `replace` only: SQL. Tinybird keeps only new rows that match it too; when others were sent, what is found out
    /// afterwards is errors::NotProvedError.
    std::string replace_condition;
    std::optional<std::uint64_t> row_limit;  ///< at most so many rows of the query
    HazardPolicies hazards;
    bool checksums = false;  ///< compute them; see LoadResult
    /// Compare what is in the data source afterwards with what was sent: rows, NULLs, and for each column a checksum,
    /// the lowest and the highest value. @throws errors::NotProvedError from the load when they differ; the rows are in
    /// then. An append is compared by what the data source gained, so others must not write to it meanwhile.
    bool verify = false;
    tinybird::OnQuarantine on_quarantine = tinybird::OnQuarantine::warn;
    /// Only what is new: `append` takes the rows whose cursor is beyond the highest value in the data source; `replace`
    /// takes those from that value less the lag on, in place of the same rows there. One import, all or nothing.
    std::optional<Incremental> incremental;
    /// What the source is to keep to in this load, in place of what `set_source_limits()` said.
    std::optional<SourceLimits> limits;
    /// Rows are taken from the source no faster than this: bytes of the body, before compression, in a second.
    /// @throws errors::InvalidArgument from the load for exports that are not rows
    std::optional<std::uint64_t> max_rate;
    std::stop_token stop;
    /// Called a few times a second, in the calling thread.
    std::function<void(const Progress&)> on_progress;
};

/// What a verified load was compared by.
struct Verification {
    std::uint64_t rows = 0;                 ///< as many at the source and in the data source
    std::vector<std::string> proved;        ///< columns whose NULLs, checksum and bounds agree
    std::vector<std::string> counted_only;  ///< columns of which only NULLs were compared (JSON, geometries, …)
};

/// What a load came to.
struct LoadResult {
    std::uint64_t bytes = 0;                ///< of the body, before compression; 0 for a URL
    std::optional<std::uint64_t> rows;      ///< counted while writing; nothing for exports that are bytes
    std::vector<ColumnStatistics> columns;  ///< in the order of the query; empty for exports that are bytes
    tinybird::Response response;            ///< of the import
    std::optional<Verification> verification;
    std::optional<IncrementalRange> incremental;
    /// The longest that a query was open at the source, from when it was asked until its last row was taken: so long a
    /// snapshot may have been held there. Nothing for exports that are not rows.
    std::optional<std::chrono::milliseconds> source_held;
    /// Objects of an export that could not be deleted afterwards, and why; empty when nothing is left.
    std::string left_behind = {};
};

/// The base of all connectors. Configuration is the environment only.
///
/// Every public method of a connector throws errors::Error and its children only: whatever else is thrown inside is
/// logged once and wrapped, with the original as the nested exception.
///
/// One thread at a time per connector; several connectors may run side by side.
class Connector {
public:
    virtual ~Connector();
    Connector(const Connector&) = delete;
    Connector& operator=(const Connector&) = delete;

    /// Queries Tinybird. @param pipe `_` in the SQL stands for it
    ResultSet query_tb(std::string_view sql, std::string_view pipe = {});
    /// The first value of the first row of such a query; null when there is none.
    Value query_tb_scalar(std::string_view sql, std::string_view pipe = {});

    /// Runs a block of the caller's own code as a method of the kit would run: what it throws is logged, and what is
    /// no errors::Error is wrapped. The original's `with connector:`.
    template <class Block>
    static std::invoke_result_t<Block> guarded(Block&& block) {
        try {
            return std::forward<Block>(block)();
        } catch (...) {
            log_and_rethrow();
        }
    }

protected:
    explicit Connector(Environment environment = Environment::process());

    /// The Tinybird client, made at first use: work on the source alone needs no Tinybird configuration.
    tinybird::Client& tb();
    [[nodiscard]] const Environment& environment() const noexcept { return environment_; }

    /// A directory name that nobody else uses, as in "tinybird_cdk_20261124T101112_9f86d081884c".
    static std::string random_dirname();
    /// A new, empty file under the temporary directory, readable by its owner only. It is the caller's to delete:
    /// put it into a LocalFile at once. @param extension without the dot
    static std::filesystem::path text_tempfile(std::string_view extension);
    static std::filesystem::path binary_tempfile(std::string_view extension);

    /// Logs the exception being handled and throws it on, wrapped if it is not the kit's own. Call in `catch (...)`.
    [[noreturn]] static void log_and_rethrow();

private:
    Environment environment_;
    std::unique_ptr<tinybird::Client> tb_;
};

/// What a source says of a query without running it.
struct QueryDescription {
    std::vector<ResultColumn> columns;
    WarehousePreview preview;
};

/// The base of connectors to SQL databases and warehouses.
class SqlConnector : public Connector {
public:
    /// All further work on the source ends, there too, when this token asks: with errors::InterruptedError. Loads have
    /// a token of their own in their options.
    void set_stop(std::stop_token stop) noexcept { stop_ = std::move(stop); }
    /// What all further work on the source keeps to. @throws errors::InvalidArgument for what this source can't do
    void set_source_limits(const SourceLimits& limits);

    /// The levels that lead to a table, outermost first; the last one is the table.
    std::vector<Scope> get_scopes();
    /// What there is at the first level that `parents` does not choose.
    /// @throws errors::InvalidArgument for an unknown scope or one chosen out of order
    std::vector<ScopeItem> list_scope(const Parents& parents = {});
    /// The data source that would hold this table without loss. @param scopes all levels
    schema::Schema suggest_schema(const Parents& scopes);
    /// The query that exports these columns of the table so that they fit the schema. No names: all columns.
    std::string ingest_query(const schema::Schema& schema, const std::vector<std::string>& column_names = {});
    /// The first rows of such a query. No names: all columns.
    ResultSet sample(const schema::Schema& schema, const std::vector<std::string>& column_names = {},
                     std::uint64_t rows = 10);
    /// Runs a query on the source and gives all its rows: meant for small results.
    ResultSet query_db(std::string_view sql);
    /// The first value of the first row; null when there is none.
    Value query_db_scalar(std::string_view sql);

    /// Adds the rows of a query to a data source.
    LoadResult append(const std::string& query, const std::string& data_source, const LoadOptions& options = {});
    /// Replaces the rows of a data source (those that the replace condition selects, or all) by those of a query, all
    /// or nothing: readers see the old rows until the new ones are complete.
    LoadResult replace(const std::string& query, const std::string& data_source, const LoadOptions& options = {});
    /// What such a load would do. The source describes the query and gives its first 1,000 rows, which are encoded and
    /// thrown away; nothing is written anywhere. @throws what the load would throw before it sends anything
    LoadPreview preview_append(const std::string& query, const std::string& data_source,
                               const LoadOptions& options = {});
    LoadPreview preview_replace(const std::string& query, const std::string& data_source,
                                const LoadOptions& options = {});

protected:
    using Connector::Connector;

    /// To implement. The trailing underscore marks what the kit calls and users don't.
    virtual std::vector<Scope> get_scopes_() = 0;
    virtual std::vector<ScopeItem> list_scope_(const Parents& parents) = 0;
    virtual schema::Schema suggest_schema_(const Parents& scopes) = 0;
    virtual std::string ingest_query_(const schema::Schema& schema, const std::vector<std::string>& column_names) = 0;
    /// @throws errors::UnsupportedFormatError when the source can't give this format
    virtual Export export_(const ExportRequest& request) = 0;
    /// For sources that say what a query costs before it is run, and that choose among ways of loading; the default
    /// says nothing, and a preview reads the first rows of the query.
    virtual std::optional<QueryDescription> describe_(const ExportRequest& request);
    /// The default runs `export_()` and needs it to give Rows or RecordBatches.
    virtual ResultSet query_(std::string_view sql);
    /// `sql` cut to its first rows; the default puts a LIMIT around it: `SELECT * FROM (sql) AS tb_cdk_sample LIMIT n`.
    virtual std::string sample_query_(const std::string& sql, std::uint64_t rows);
    /// How far an incremental load may read such that no row with a lower value of the cursor column appears later:
    /// asked before the snapshot that is read. The default refuses. @throws errors::Error when it can't be told
    virtual CursorBound cursor_bound_(const CursorRequest& request);
    /// The query's rows in a range of the cursor column. Called when `cursor_bound_()` did not refuse.
    virtual std::string cursor_query_(const CursorRequest& request, const CursorRange& range);
    /// Refuses what this source can't keep to; the default refuses everything. What passes, `export_()` and
    /// `cursor_bound_()` find in their requests, and the other calls in `source_limits()`.
    /// @throws errors::InvalidArgument naming the limit, and why
    virtual void check_limits_(const SourceLimits& limits) const;
    [[nodiscard]] const SourceLimits& source_limits() const noexcept { return limits_; }
    /// What `set_stop()` said: for catalog queries, and in the requests of `query_()`.
    [[nodiscard]] const std::stop_token& stop() const noexcept { return stop_; }

private:
    LoadResult load(bool replace, const std::string& query, const std::string& data_source, const LoadOptions& options);
    /// The query and the options that are carried out.
    struct Load {
        std::string query;
        LoadOptions options;
        std::optional<IncrementalRange> range;
    };
    Load prepare(bool replace, const std::string& query, const std::string& data_source,
                 const std::optional<tinybird::DataSource>& target, const LoadOptions& options);
    IncrementalRange incremental_range(bool replace, const std::string& query, const std::string& data_source,
                                       const std::optional<tinybird::DataSource>& target, const LoadOptions& options);
    LoadPreview preview(bool replace, const std::string& query, const std::string& data_source,
                        const LoadOptions& options);
    [[nodiscard]] SourceLimits limits_of(const LoadOptions& options) const;

    SourceLimits limits_;
    std::stop_token stop_;
};

/// How an object gets into Tinybird.
enum class Via {
    automatic,  ///< by URL, or streamed when only this machine's network reaches the store
    url,        ///< Tinybird fetches a pre-signed URL itself
    stream      ///< the kit reads the object and uploads it, a few MB at a time
};

/// What to do with objects of which an earlier load was broken off in such a way that nothing tells how it ended.
enum class Unfinished {
    refuse,  ///< load nothing at all: errors::InDoubtError, which names them
    load,    ///< load them again; their rows may be there twice then
    skip     ///< take them as loaded
};

/// What varies between loads from object stores. Objects are bytes that are made already, so what LoadOptions says of
/// rows and values is refused: row_limit, verify, max_rate, incremental, limits.
struct CloudLoadOptions : LoadOptions {
    CloudLoadOptions() = default;
    CloudLoadOptions(LoadOptions options) : LoadOptions(std::move(options)) {}  // NOLINT(google-explicit-constructor)

    Via via = Via::automatic;
    /// `append` and `append_all` only: each content of an object is loaded once, whichever machine does it. What is
    /// loaded is kept in the data source tb_cdk_objects of the workspace, which is created if it is missing; loads
    /// without this option are not in it. Objects are loaded in the order in which they were written.
    bool since_last = false;
    Unfinished unfinished = Unfinished::refuse;  ///< with since_last
};

/// Which objects of a bucket a load takes.
struct ObjectSelection {
    std::string bucket;
    /// A key, or a pattern of keys as shells have it: `*` any characters but a slash, `**` any, `?` one, `[a-z]` one of
    /// these, `[!a-z]` one but these; a backslash before such a character takes its meaning away.
    std::string pattern;
    /// Only objects that were written after this, by the store's clock.
    std::optional<std::chrono::system_clock::time_point> newer_than = {};
};

/// An object that is in, and what its load came to.
struct LoadedObject {
    cloud::Object object;
    LoadResult result;
    bool was_there = false;  ///< with since_last: an earlier load brought it, so `result` is empty
};

/// How an object stands to the loads with `since_last` so far.
enum class ObjectState {
    fresh,      ///< not loaded
    changed,    ///< other content under its name was loaded
    loaded,     ///< as it is now
    unfinished  ///< a load of it was begun, and nothing tells how it ended, or whether it has
};

/// An object that a load with `since_last` looks at.
struct KnownObject {
    cloud::Object object;
    ObjectState state = ObjectState::fresh;
    std::string begun;  ///< unfinished: when, as YYYY-MM-DD hh:mm:ss.ffffff in UTC
    std::string job;    ///< unfinished: the job, where Tinybird said it
};

/// The base of connectors to object stores: they name objects, which Tinybird fetches, or which are streamed through.
class CloudConnector : public Connector {
public:
    /// Adds the rows of an object to a data source. @throws errors::InvalidArgument, before anything is sent, when
    /// there is no such object, or its name says another format; errors::Error when Tinybird takes none of its size
    LoadResult append(const std::string& bucket, const std::string& key, const std::string& data_source,
                      const CloudLoadOptions& options = {});
    /// Replaces rows by those of an object, all or nothing.
    LoadResult replace(const std::string& bucket, const std::string& key, const std::string& data_source,
                       const CloudLoadOptions& options = {});

    /// The objects of a selection, sorted by key; markers of directories are left out.
    /// @throws errors::InvalidArgument for a pattern that can't be read
    std::vector<cloud::Object> list_objects(const ObjectSelection& selection, std::stop_token stop = {});
    /// The objects that a load of a selection takes, after the checks that it makes before anything is sent: the data
    /// source, names, formats, sizes. Objects without a byte are left out. Nothing is loaded.
    /// @param joined checked as by append_joined(), otherwise as by append_all() without `since_last`
    std::vector<cloud::Object> planned_objects(const ObjectSelection& selection, const std::string& data_source,
                                               const CloudLoadOptions& options = {}, bool joined = false);
    /// Appends each object of a selection, one import after the other, as fast as Tinybird takes imports. All objects
    /// are checked before the first one is sent. When one fails, those before it are in: a warning says how many.
    /// @param on_object called after each, in the calling thread
    /// @throws errors::InDoubtError with since_last, before anything is sent, for objects that are unfinished
    std::vector<LoadedObject> append_all(const ObjectSelection& selection, const std::string& data_source,
                                         const CloudLoadOptions& options = {},
                                         const std::function<void(const LoadedObject&)>& on_object = {});

    /// Appends all objects of a selection as one import, all or nothing: they are joined inside the store (by URL), in
    /// an object that is deleted again, or on their way through this machine (streamed). Text only, not compressed. A
    /// last line without an end gets one; header lines of CSV, which are those that name columns of the data source,
    /// are kept once.
    /// @throws errors::InvalidArgument for objects that can't be joined, before anything is sent where they are joined
    /// inside the store
    LoadResult append_joined(const ObjectSelection& selection, const std::string& data_source,
                             const CloudLoadOptions& options = {});
    /// Replaces rows by those of all objects of a selection, all or nothing. @throws errors::InvalidArgument when there
    /// are none
    LoadResult replace_joined(const ObjectSelection& selection, const std::string& data_source,
                              const CloudLoadOptions& options = {});
    /// What such a load with `since_last` would find; nothing is loaded, and nothing is written anywhere. In the order
    /// of the load.
    std::vector<KnownObject> known_objects(const ObjectSelection& selection, const std::string& data_source,
                                           std::stop_token stop = {});

protected:
    using Connector::Connector;
    virtual cloud::Client& client_() = 0;

private:
    LoadResult load_joined(bool replace, const ObjectSelection& selection, const std::string& data_source,
                           const CloudLoadOptions& options);
    LoadResult load(bool replace, const std::string& bucket, const std::string& key, const std::string& data_source,
                    const CloudLoadOptions& options);
};

/// The base of connectors that never end: they read messages and append them as events.
class StreamingConnector : public Connector {
public:
    /// Returns when `stop` asks.
    void stream(const std::string& stream_name, const std::string& data_source, const std::stop_token& stop = {});

protected:
    using Connector::Connector;
    virtual void stream_(const std::string& stream_name, const std::string& data_source,
                         const std::stop_token& stop) = 0;
};

}  // namespace tinybird_cdk
