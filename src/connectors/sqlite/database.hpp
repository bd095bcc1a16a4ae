// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <sqlite3.h>

namespace tinybird_cdk::sqlite {

struct DatabaseOptions {
    std::string path;  ///< a file, or a URI as in "file:/data/app.db?immutable=1"
    std::chrono::milliseconds busy_timeout{5'000};
    std::optional<std::chrono::milliseconds> statement_timeout = {};  ///< the longest that one statement may run
};

struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// A connection that can only read. One thread at a time.
class Database {
public:
    /// @param stop cancels what the connection does, waits for locks among it
    /// @throws errors::ExternalDatasourceError when there is no such file, or it is no database
    explicit Database(DatabaseOptions options, std::stop_token stop = {});
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() = default;

    /// Prepares the one statement of a text; comments and semicolons around it are fine.
    /// @throws errors::ExternalDatasourceError with the place in the text, errors::InvalidArgument for what is no
    /// query: nothing at all, several statements, one that gives no columns, one that writes
    Statement prepare(std::string_view sql);
    /// From now on the time of a statement counts, as it does from its `prepare()` on.
    void begin_statement();
    /// The next row. @return false at the end. @throws errors::InterruptedError when the stop token asks
    bool step(sqlite3_stmt& statement);

    /// The database, as messages may name it: the parameters of a URI may hold keys and are left out.
    [[nodiscard]] const std::string& shown_path() const noexcept { return shown_path_; }

    /// While it lives, this stop token stands in the place of the one that the connection was opened with.
    class Stoppable {
    public:
        Stoppable(Database& database, std::stop_token stop);
        Stoppable(const Stoppable&) = delete;
        Stoppable& operator=(const Stoppable&) = delete;
        ~Stoppable();

    private:
        Database& database_;
        std::stop_token before_;
    };

    /// While it lives, all statements see the same state of the database.
    class Snapshot {
    public:
        explicit Snapshot(Database& database);
        Snapshot(const Snapshot&) = delete;
        Snapshot& operator=(const Snapshot&) = delete;
        ~Snapshot();

    private:
        Database& database_;
    };

private:
    struct Close {
        // close_v2 also takes a connection with statements left; the last of them closes it.
        void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
    };

    [[noreturn]] void fail(int code, std::string_view query = {}, std::size_t offset_of_part = 0) const;
    bool wait_for_lock(int attempt) noexcept;
    [[nodiscard]] bool statement_is_late() const noexcept {
        return statement_deadline_ && std::chrono::steady_clock::now() >= *statement_deadline_;
    }

    DatabaseOptions options_;
    std::string shown_path_;
    std::stop_token stop_;
    std::chrono::steady_clock::time_point lock_deadline_;
    std::optional<std::chrono::steady_clock::time_point> statement_deadline_;
    std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace tinybird_cdk::sqlite
