// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <libpq-fe.h>

namespace tinybird_cdk::postgresql {

/// A user's query inside the statement that was sent: the server counts from the begin of that.
struct SentQuery {
    std::string_view text{};  ///< empty: the statement is the connector's own
    std::size_t prefix = 0;   ///< characters that stand before it
};

/// Throws what a failed result means: errors::ExternalDatasourceError with the server's message, DETAIL, HINT and the
/// place in the user's query.
[[noreturn]] void throw_result(const PGresult* result, const SentQuery& query);

/// Throws what a broken or refused connection means.
[[noreturn]] void throw_connection(const PGconn* connection, bool connecting);

/// A message without line breaks and tabs.
std::string one_line(std::string text);

}  // namespace tinybird_cdk::postgresql
