// SPDX-License-Identifier: Apache-2.0
#include "sql_error.hpp"

#include <array>
#include <utility>

#include <tinybird_cdk/errors.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::sqlite {

namespace {

using errors::ExitCode;

struct Advice {
    ExitCode exit_code = ExitCode::bad_input;
    std::string_view hint;
};

/// Exact codes first, then the class, which is the low byte (https://www.sqlite.org/rescode.html).
Advice advice_for(int code) noexcept {
    switch (code) {
        case SQLITE_READONLY_ROLLBACK:
        case SQLITE_READONLY_RECOVERY:
            return {ExitCode::bad_input,
                    "The program that wrote it last did not end cleanly, and the repair needs write access: open the "
                    "file once with the program that owns it, or with the sqlite3 shell."};
        case SQLITE_READONLY_CANTINIT:
        case SQLITE_READONLY_DIRECTORY:
            return {ExitCode::bad_input,
                    "A database in WAL mode needs its -shm and -wal files beside it: copy all three to a directory "
                    "that this user can write."};
        default:
            break;
    }
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {ExitCode::temporary,
                    "Another program holds a lock on it; SQLITE_BUSY_TIMEOUT_MS says how long to wait."};
        case SQLITE_NOTADB:
            return {ExitCode::bad_input, "The file is encrypted, or no SQLite database."};
        case SQLITE_CORRUPT:
            return {ExitCode::bad_input, "See what is damaged with: PRAGMA integrity_check."};
        case SQLITE_CANTOPEN:
            return {ExitCode::bad_input,
                    "Check the path and the rights on it. A database in WAL mode needs a directory that can be "
                    "written; if nothing writes to it and it has no -wal file, \"file:PATH?immutable=1\" opens it on "
                    "read-only media."};
        case SQLITE_IOERR:
            return {ExitCode::temporary, "Is it a regular file, and does its disk answer?"};
        case SQLITE_FULL:
            return {ExitCode::temporary,
                    "A query that sorts or groups may need temporary files; SQLITE_TMPDIR says where they go."};
        case SQLITE_NOMEM:
            return {ExitCode::temporary, {}};
        case SQLITE_READONLY:
            return {ExitCode::bad_input, "The connector reads and never writes."};
        default:
            return {};
    }
}

}  // namespace

std::string code_name(int code) {
    static constexpr std::array<std::pair<int, std::string_view>, 17> names{{{SQLITE_ERROR, "SQLITE_ERROR"},
                                                                             {SQLITE_PERM, "SQLITE_PERM"},
                                                                             {SQLITE_BUSY, "SQLITE_BUSY"},
                                                                             {SQLITE_LOCKED, "SQLITE_LOCKED"},
                                                                             {SQLITE_NOMEM, "SQLITE_NOMEM"},
                                                                             {SQLITE_READONLY, "SQLITE_READONLY"},
                                                                             {SQLITE_INTERRUPT, "SQLITE_INTERRUPT"},
                                                                             {SQLITE_IOERR, "SQLITE_IOERR"},
                                                                             {SQLITE_CORRUPT, "SQLITE_CORRUPT"},
                                                                             {SQLITE_FULL, "SQLITE_FULL"},
                                                                             {SQLITE_CANTOPEN, "SQLITE_CANTOPEN"},
                                                                             {SQLITE_PROTOCOL, "SQLITE_PROTOCOL"},
                                                                             {SQLITE_SCHEMA, "SQLITE_SCHEMA"},
                                                                             {SQLITE_TOOBIG, "SQLITE_TOOBIG"},
                                                                             {SQLITE_AUTH, "SQLITE_AUTH"},
                                                                             {SQLITE_RANGE, "SQLITE_RANGE"},
                                                                             {SQLITE_NOTADB, "SQLITE_NOTADB"}}};
    for (const auto& [number, name] : names) {
        if (number == (code & 0xFF)) {
            return std::string(name);
        }
    }
    return "SQLITE_" + std::to_string(code);
}

void throw_failure(const Failure& failure) {
    if ((failure.code & 0xFF) == SQLITE_INTERRUPT) {
        throw errors::InterruptedError();
    }
    std::string message = "SQLite database \"" + failure.database + "\": " + failure.message;
    if (failure.offset) {
        const Position position = position_of(failure.query, *failure.offset);
        message += " (line " + std::to_string(position.line) + ", column " + std::to_string(position.column) +
                   " of the query)";
    }
    const Advice advice = advice_for(failure.code);
    throw errors::ExternalDatasourceError(message, code_name(failure.code), std::string(advice.hint), advice.exit_code);
}

}  // namespace tinybird_cdk::sqlite
