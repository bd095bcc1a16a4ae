// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinybird_cdk/body.hpp>
#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/formats.hpp>
#include <tinybird_cdk/retry.hpp>
#include <tinybird_cdk/schema.hpp>
#include <tinybird_cdk/value.hpp>

/// The client of Tinybird's HTTP API.
namespace tinybird_cdk::tinybird {

/// What to do when Tinybird takes a load but not all of its rows.
enum class OnQuarantine {
    warn,  ///< log a warning with the counts and the first reasons
    fail   ///< throw errors::QuarantineError
};

/// Which import API to use.
enum class ImportApi {
    automatic,  ///< v1 if the server has it, else v0
    v0,         ///< POST /v0/datasources, synchronous, multipart
    v1          ///< POST /v1/datasources/NAME/{append,replace}, raw body, then the job is waited for
};

/// Whether bodies are compressed on the way.
enum class Compression {
    automatic,  ///< gzip by v1, but not on loopback, where it costs more than it saves
    none,
    gzip  ///< by v1; by v0 only files that are compressed already
};

/// A job of the workspace (https://www.tinybird.co/docs/api-reference/jobs-api).
struct Job {
    std::string id;
    std::string kind;                ///< as in "import", "delete_data"
    std::string status;              ///< waiting, working, done, error, cancelling or cancelled
    std::string created_at;          ///< as Tinybird writes it
    std::optional<double> progress;  ///< 0 to 1, where the job tells
    std::string error;               ///< empty when there is none
    Value description;               ///< all that Tinybird says of it

    [[nodiscard]] bool ended() const noexcept { return status == "done" || status == "error" || status == "cancelled"; }
};

struct ClientOptions {
    RetryPolicy retry = {};
    std::shared_ptr<Clock> clock = {};    ///< null: the real one
    std::function<double()> jitter = {};  ///< null: a random number in [0, 1)
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds idle_timeout{300'000};  ///< no byte either way; there is no total timeout
    std::chrono::milliseconds job_first_poll{250};
    std::chrono::milliseconds job_largest_poll{5'000};
    ImportApi import_api = ImportApi::automatic;
};

struct ImportOptions {
    Format format = Format::csv;
    /// replace only: a SQL filter; the rows it selects are replaced. Empty: all rows.
    std::string replace_condition = {};
    OnQuarantine on_quarantine = OnQuarantine::warn;
    /// The body is already compressed: "gzip". Empty: it is not; files whose name ends in .gz are.
    std::string content_encoding = {};
    std::stop_token stop = {};
    /// Called once, in the calling thread, when Tinybird's pace allows the import and nothing of it is sent yet. What
    /// it throws ends the import.
    std::function<void()> on_begin = {};
    /// Called now and then, in the calling thread, with the bytes sent so far.
    std::function<void(std::uint64_t)> on_sent = {};
    /// Called at each look at the job, in the calling thread.
    std::function<void(const Job&)> on_job = {};
    Compression compression = Compression::automatic;
    /// Called before each way of sending is tried, with the largest body that it takes in bytes; nothing: any.
    std::function<void(std::optional<std::uint64_t>)> on_limit = {};
    /// By URL: nobody else imports this URL, so a job that does is this import. When no answer named the job, it is
    /// looked for among the latest ones, to be ended as one that is known.
    bool url_is_own = false;
};

struct AppendEventsOptions {
    bool wait = false;  ///< the answer comes only when the events are stored
    OnQuarantine on_quarantine = OnQuarantine::warn;
    std::stop_token stop = {};
};

/// An answer, with the fields of an import read out of it where they are there.
struct Response {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::string body;

    std::string import_id;
    std::string job_id;
    std::optional<std::uint64_t> rows;         ///< loaded, as Tinybird counts
    std::optional<std::uint64_t> quarantined;  ///< rows that went to NAME_quarantine
    std::optional<std::uint64_t> invalid_lines;
    std::vector<std::string> errors;  ///< texts

    /// The body as JSON. @throws errors::InvalidArgument when it is none
    [[nodiscard]] Value json() const;
    /// The value of a header, by its name in lower case.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// A data source, as Tinybird describes it.
struct DataSource {
    std::string id;
    std::string name;
    std::vector<schema::Column> columns;
    std::string engine;
    std::string sorting_key;
    std::string partition_key;
    std::optional<std::uint64_t> rows;
    std::optional<std::uint64_t> bytes;
};

struct QueryOptions {
    std::string pipe = {};  ///< `_` in the SQL stands for it
    std::stop_token stop = {};
};

/// Speaks to one Tinybird workspace. Thread-safe: calls may run side by side. Retries as RetryPolicy says.
///
/// All calls throw errors::HTTPError (or one of its siblings under errors::TinybirdClientError) when Tinybird refuses
/// or can't be reached, and errors::InterruptedError when their stop token asks. Facts about the API:
/// https://www.tinybird.co/docs/api-reference.
class Client {
public:
    explicit Client(config::Tinybird configuration, ClientOptions options = {});
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    /// Adds rows. The call returns when the rows are in: a job, where the API has one, is waited for.
    /// An append whose answer was lost, or is none of Tinybird's, is not sent again: errors::InDoubtError.
    Response append(Body& body, std::string_view data_source, const ImportOptions& options = {});
    Response append_data(std::string_view data, std::string_view data_source, const ImportOptions& options = {});
    Response append_file(const std::filesystem::path& file, std::string_view data_source,
                         const ImportOptions& options = {});
    /// Tinybird fetches the URL itself. When the call is stopped, or can't see what becomes of a job whose URL is its
    /// own, it ends the job as end_job() does, and the error says what is known of its rows.
    Response append_url(std::string_view url, std::string_view data_source, const ImportOptions& options = {});

    /// Replaces all rows, or those that `replace_condition` selects, all or nothing.
    Response replace(Body& body, std::string_view data_source, const ImportOptions& options = {});
    Response replace_data(std::string_view data, std::string_view data_source, const ImportOptions& options = {});
    Response replace_file(const std::filesystem::path& file, std::string_view data_source,
                          const ImportOptions& options = {});
    Response replace_url(std::string_view url, std::string_view data_source, const ImportOptions& options = {});

    /// Sends one event, or several as NDJSON, through the Events API. @param wait answer only when they are stored
    /// Not sent again once Tinybird may have them: errors::InDoubtError. For many events there is EventsWriter.
    Response append_event(std::string_view json, std::string_view data_source, bool wait = false);
    Response append_events(std::string_view ndjson, std::string_view data_source, bool wait = false);
    Response append_event(std::string_view json, std::string_view data_source, const AppendEventsOptions& options);
    Response append_events(std::string_view ndjson, std::string_view data_source, const AppendEventsOptions& options);

    /// Runs a SELECT and gives its rows. The SQL must have no FORMAT clause.
    ResultSet query(std::string_view sql, const QueryOptions& options = {});
    /// The first value of the first row; null when there is no row.
    Value query_scalar(std::string_view sql, const QueryOptions& options = {});

    /// Describes a data source; nothing when there is none of that name.
    std::optional<DataSource> data_source(std::string_view name);
    std::vector<DataSource> data_sources();
    /// Creates an empty data source. @throws errors::HTTPError; where the workspace refuses because only deployments
    /// may create, the hint says so
    Response create_data_source(std::string_view name, const schema::Schema& schema);
    /// The same from a `.datasource` file's text.
    /// @throws errors::InvalidArgument when the text is none that can be read
    Response create_data_source_from(std::string_view name, std::string_view datafile);
    /// Adds columns: `schema` is the whole one with them, as `schema::Schema::to_parameter()` writes it.
    Response alter(std::string_view data_source, std::string_view schema);
    /// Removes the rows that a SQL condition selects, and waits until they are gone.
    Response delete_rows(std::string_view data_source, std::string_view condition, const std::stop_token& stop = {});
    /// Removes all rows.
    Response truncate(std::string_view data_source);
    /// Removes the data source itself.
    Response drop_data_source(std::string_view name);

    /// Rows that did not fit and wait in NAME_quarantine; 0 when there never was one.
    std::uint64_t quarantine_count(std::string_view data_source);
    /// The latest of them, with c__error_column, c__error, c__import_id and insertion_date beside the columns.
    ResultSet quarantined_rows(std::string_view data_source, std::size_t limit = 100);

    /// A job by its id; the latest ones of the workspace (Tinybird keeps 48 hours, and gives at most 100).
    Job job(std::string_view id);
    std::vector<Job> jobs();
    /// Looks at a job until it ends. @throws errors::JobError when it failed or was cancelled
    Job wait_for_job(std::string_view id, const std::stop_token& stop = {},
                     const std::function<void(const Job&)>& on_job = {});
    /// Asks Tinybird to cancel a job; most kinds can be only while they wait.
    Job cancel_job(std::string_view id);
    /// Cancels a job and waits for its end, whatever that is: two minutes at most while Tinybird says that it works,
    /// for it may not be one that can be cancelled, else about 20 seconds. Can't be stopped, for it is what is done
    /// after a stop. @return its last description
    /// @throws errors::Error when it can't be seen
    Job end_job(std::string_view id);
    /// Runs an import that failed or was cancelled again. @return the new job, with an id of its own
    Job retry_job(std::string_view id);

    /// The connector that feeds a data source, as the old Connector Development Kit's clients see it.
    /// @param service as in "bigquery" @return what Tinybird says of it
    Value linker(std::string_view data_source, std::string_view service);
    /// Changes the query of that connector.
    Response alter_linker(std::string_view data_source, std::string_view service, std::string_view query);

    /// Any other call: `path_and_query` begins with a slash.
    Response get(std::string_view path_and_query);

    [[nodiscard]] const config::Tinybird& configuration() const noexcept;

private:
    friend class EventsWriter;
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tinybird_cdk::tinybird
