// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <libpq-fe.h>

namespace tinybird_cdk::postgresql {

/// Throws what a failed result means: errors::ExternalDatasourceError with the server's message, DETAIL, HINT and the
/// place in the user's query, or errors::InterruptedError. @param query of the user, for the place; may be empty
/// @param prefix characters that the sent statement has before the query
[[noreturn]] void throw_result(const PGresult* result, std::string_view query, std::size_t prefix = 0);

/// Throws what a broken or refused connection means.
[[noreturn]] void throw_connection(const PGconn* connection, bool connecting);

}  // namespace tinybird_cdk::postgresql
