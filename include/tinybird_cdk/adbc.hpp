// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/record_batches.hpp>

/// Databases through ADBC drivers (https://arrow.apache.org/adbc): shared libraries that are loaded when they are
/// asked for and give Arrow streams.
namespace tinybird_cdk::adbc {

using Options = std::vector<std::pair<std::string, std::string>>;

/// What a failure is that a driver's status tells nothing of.
struct Meaning {
    errors::ExitCode exit_code = errors::ExitCode::bad_input;
    std::string hint = {};
    bool out_of_reach = false;  ///< nobody is there to be asked `Source::on_failure`
};

/// What it takes to connect.
struct Source {
    /// The driver's name ("postgresql"), or the path of a shared library or of a driver manifest (.toml).
    std::string driver;
    std::string entrypoint = {};  ///< the library's init function; empty: by the driver's name
    std::string name = {};        ///< for messages, as in "DuckDB"; empty: the driver
    Options database = {};        ///< "uri", "username", "password" and the driver's own
    Options connection = {};
    /// Statements to run on each new connection, as in "SET TimeZone = 'UTC'".
    std::vector<std::string> setup = {};
    bool infinite_dates = false;  ///< see RecordBatches
    /// A driver whose threads end each other may tell of that instead of why: what its text has in it then, and the
    /// statements after which the query fails in one thread. It is run once more to find out. Empty: it always says
    /// why.
    std::string vague_failure = {};
    std::vector<std::string> one_thread = {};
    Options statement = {};  ///< the driver's own, of each statement
    /// The driver says how many rows a query has before it gives them: an end of `query_batches()` before or behind
    /// that is a temporary failure, for drivers may take a part that never came for one without rows.
    bool tells_rows = false;
    /// A query that gives a sentence on the query before it, which has failed: it is added to the error's hint. Asked
    /// for on the same connection; that it fails too is no error. Empty: there is none.
    std::string on_failure = {};
    /// What the text of a failed login, a failed query or a broken stream means; nothing: what the driver's status
    /// says. Called in the thread that reads.
    std::function<std::optional<Meaning>(std::string_view text)> meaning = {};
};

/// Where a driver's library is: the path given, or one found by name in the folders of ADBC_DRIVER_PATH, in the Python
/// environment that is active (VIRTUAL_ENV) or in the project's own. Nothing: the driver manager has to look, in
/// manifests of the user and the system and where the system keeps its libraries.
std::optional<std::string> find_driver(std::string_view driver, const Environment& environment);

/// The command that installs a driver, as in "pip install adbc-driver-postgresql"; for a name that nobody knows, one
/// that names the convention.
std::string install_hint(std::string_view driver);

/// An open connection. One thread at a time, but for what says otherwise.
class Connection {
public:
    /// @throws errors::MissingDriverError without the driver, errors::ExternalDatasourceError with the driver's own
    /// message when it can't connect
    Connection(const Source& source, const Environment& environment);
    ~Connection();
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;

    /// Runs a query and gives its rows; the stream keeps what it needs of the connection.
    [[nodiscard]] ArrowStream query(const std::string& sql);
    /// Runs a statement for its effect.
    void execute(const std::string& sql);
    /// Ends the query that runs, from any thread. @return false when the driver can't
    bool cancel() noexcept;
    /// Whether the driver can end a query at all.
    [[nodiscard]] bool can_cancel();
    /// The database's name as its driver gives it, as in "PostgreSQL"; empty where it says none.
    [[nodiscard]] std::string vendor();

    /// How deep `objects()` looks.
    enum class Depth : std::uint8_t { catalogs, schemas, tables, columns };
    /// What there is, in the nested form that ADBC describes (AdbcConnectionGetObjects). Patterns are those of LIKE;
    /// nothing: all.
    [[nodiscard]] ArrowStream objects(Depth depth, const std::optional<std::string>& catalog = {},
                                      const std::optional<std::string>& schema = {},
                                      const std::optional<std::string>& table = {});
    /// What the database's own statistics say of its tables, approximate ones too, in the nested form that ADBC
    /// describes (AdbcConnectionGetStatistics). Patterns as above. @throws errors::ExternalDatasourceError when the
    /// driver has none
    [[nodiscard]] ArrowStream statistics(const std::optional<std::string>& catalog = {},
                                         const std::optional<std::string>& schema = {},
                                         const std::optional<std::string>& table = {});
    /// The columns of a table.
    [[nodiscard]] OwnedArrowSchema table_schema(const std::optional<std::string>& catalog,
                                                const std::optional<std::string>& schema, const std::string& table);

private:
    friend class QueryBatches;
    class Impl;
    std::shared_ptr<Impl> impl_;
};

/// The rows of a query as an export. The connection is opened here and kept until the export goes.
/// @param stop ends the query at the source, also while it has not given its first row
/// @param statement_timeout the query is cancelled when it is not over by then, the way of its rows included
/// @throws errors::InvalidArgument for a time-out when the driver can't cancel
std::unique_ptr<RecordBatches> query_batches(const Source& source, const Environment& environment, std::string sql,
                                             std::optional<std::uint64_t> row_limit, const std::stop_token& stop,
                                             std::optional<std::chrono::milliseconds> statement_timeout = {});

}  // namespace tinybird_cdk::adbc
