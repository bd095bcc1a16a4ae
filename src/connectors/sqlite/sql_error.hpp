// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <sqlite3.h>

namespace tinybird_cdk::sqlite {

/// What is known of a failure beside its code.
struct Failure {
    int code = SQLITE_ERROR;            ///< an extended result code (https://www.sqlite.org/rescode.html)
    std::string message;                ///< SQLite's own text
    std::string database;               ///< which database, as it may be shown
    std::string_view query;             ///< empty: it was no query of the user
    std::optional<std::size_t> offset;  ///< the byte of the query that SQLite points at
};

/// The name of a code, as in "SQLITE_BUSY"; "SQLITE_<number>" for one that has none here.
std::string code_name(int code);

/// Throws what the failure means: errors::ExternalDatasourceError, or errors::InterruptedError.
[[noreturn]] void throw_failure(const Failure& failure);

}  // namespace tinybird_cdk::sqlite
