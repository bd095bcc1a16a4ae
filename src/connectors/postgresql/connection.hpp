// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/config.hpp>

#include "handles.hpp"

namespace tinybird_cdk::postgresql {

/// A session with its notation fixed (ISO dates in UTC, UTF-8), inside one read-only transaction that sees one
/// snapshot. One thread at a time.
class Connection {
public:
    /// Connects as libpq does: its own variables, service file and password file.
    /// @throws errors::ExternalDatasourceError
    explicit Connection(const Environment& environment);

    /// Runs statements of the connector's own. @throws errors::ExternalDatasourceError
    ResultHandle run(const std::string& sql);
    /// One statement with parameters ($1, …) as text; the result is text too.
    ResultHandle run(const std::string& sql, const std::vector<std::string>& parameters);
    /// A user's statement: its errors show the place in it.
    ResultHandle run_query(const std::string& sql);
    /// Parses a user's statement without running it and describes its result.
    ResultHandle describe(const std::string& sql);

    /// Begins a COPY … TO STDOUT. @param query for the place of errors, `prefix` characters into the statement
    void begin_copy(const std::string& statement, std::string_view query, std::size_t prefix);
    /// The next message of the copy; nothing at its end. @throws errors::InterruptedError when the token asks: the
    /// copy is then cancelled at the server
    MemoryHandle next_copy_message(std::string_view& bytes, const std::stop_token& stop, std::string_view query,
                                   std::size_t prefix);

    /// Text comes as UTF-8, checked by the server.
    [[nodiscard]] bool valid_utf8() const;

private:
    void wait_readable(const std::stop_token& stop);
    void cancel() noexcept;

    ConnectionHandle connection_;
};

}  // namespace tinybird_cdk::postgresql
