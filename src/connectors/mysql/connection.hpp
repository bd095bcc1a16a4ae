// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/source_limits.hpp>

#include "connection_options.hpp"
#include "handles.hpp"
#include "sql_error.hpp"

namespace tinybird_cdk::mysql {

/// A row of a small result, as text.
using TextRow = std::vector<std::optional<std::string>>;

/// A session with its notation fixed (UTC, UTF-8, MySQL's own quoting), inside one read-only transaction that sees one
/// snapshot. What still runs when the object goes away is killed at the server. One thread at a time.
///
/// All calls throw errors::ExternalDatasourceError, and errors::InterruptedError when the token asks to stop.
class Connection {
public:
    explicit Connection(const Environment& environment, const SourceLimits& limits = {},
                        const std::stop_token& stop = {});
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// From now on this token ends what waits for the server.
    void stop_with(const std::stop_token& stop);

    /// Runs a statement of the connector's own; its rows as text.
    std::vector<TextRow> run(const std::string& sql);
    /// The server ends a SELECT without a LIMIT of its own after so many rows.
    void limit_rows(std::uint64_t rows);

    // For Statement, which runs the user's.

    [[nodiscard]] MYSQL& session() const noexcept { return *session_; }
    /// The server works on something whose end was not read.
    void set_busy(bool busy) noexcept { busy_ = busy; }
    [[nodiscard]] bool busy() const noexcept { return busy_; }
    /// Nothing more is read: what waits for the server returns at once.
    void cut() noexcept;
    /// @throws errors::InterruptedError when that is why, else the error
    [[noreturn]] void fail(const SqlError& error, Doing doing = Doing::querying) const;

private:
    /// Cuts the connection when a token asks to stop, whatever waits for it.
    struct Cut {
        int socket;
        void operator()() const noexcept;
    };

    void connect();
    void begin_session(const SourceLimits& limits);
    void kill() const noexcept;

    const ConnectionOptions options_;
    SessionHandle session_;
    std::stop_token stop_;
    std::optional<std::stop_callback<Cut>> on_stop_;
    bool busy_ = false;
};

}  // namespace tinybird_cdk::mysql
