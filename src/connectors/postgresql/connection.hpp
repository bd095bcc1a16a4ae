// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/source_limits.hpp>

#include "handles.hpp"
#include "sql_error.hpp"
#include "stop_event.hpp"

namespace tinybird_cdk::postgresql {

/// A session with its notation fixed (ISO dates in UTC, UTF-8), inside one read-only transaction that sees one
/// snapshot. What still runs when the object goes away is cancelled at the server. One thread at a time.
///
/// All calls throw errors::ExternalDatasourceError, and errors::InterruptedError when the token asks to stop.
class Connection {
public:
    /// Connects as libpq does: its own variables, service file and password file.
    explicit Connection(const Environment& environment, const SourceLimits& limits = {},
                        const std::stop_token& stop = {});
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// From now on this token ends what waits for the server.
    void stop_with(const std::stop_token& stop);

    /// Runs statements of the connector's own; the result of the last one, as text.
    ResultHandle run(const std::string& sql);
    /// One statement with parameters ($1, …) as text; the result is text too.
    ResultHandle run(const std::string& sql, const std::vector<std::string>& parameters);
    /// A user's statement: its errors show the place in it.
    ResultHandle run_query(const std::string& sql);
    /// Parses a user's statement without running it and describes its result.
    ResultHandle describe(const std::string& sql);

    /// Begins a COPY … TO STDOUT around a user's query.
    void begin_copy(const std::string& statement, const SentQuery& query);
    /// The next message of the copy; nothing at its end.
    MemoryHandle next_copy_message(std::string_view& bytes, const SentQuery& query);

    /// As in 150004.
    [[nodiscard]] int server_version() const;
    /// Text comes as UTF-8, checked by the server.
    [[nodiscard]] bool valid_utf8() const;

private:
    ResultHandle result_of(int sent, const SentQuery& query);
    ResultHandle next_result();
    void skip_results();
    void wait_for_input();
    void wait_for_much_input();
    void consume_input();
    void cancel() noexcept;
    void end_transaction() noexcept;

    ConnectionHandle connection_;
    std::stop_token stop_;
    std::unique_ptr<StopEvent> stop_event_;
};

}  // namespace tinybird_cdk::postgresql
