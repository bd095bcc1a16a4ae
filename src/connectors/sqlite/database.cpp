// SPDX-License-Identifier: Apache-2.0
#include "database.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

#include <tinybird_cdk/errors.hpp>

#include "sql_error.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::sqlite {

namespace {

/// SQLite asks whether to go on after so many steps of its virtual machine: some 10 microseconds of work, so that the
/// question costs nothing and a cancelled query ends at once.
constexpr int steps_between_questions = 1000;

bool is_uri(std::string_view path) noexcept {
    return path.starts_with("file:");
}

/// SQLite's texts for these are "unable to open database file" and "disk I/O error".
void refuse_what_is_no_file(const std::string& path) {
    if (path.find('\0') != std::string::npos) {
        throw errors::InvalidArgument("SQLITE_DATABASE has a NUL character in it");
    }
    if (is_uri(path) || path == ":memory:") {
        return;
    }
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) {
        throw errors::ExternalDatasourceError("SQLite database \"" + path + "\": there is no such file",
                                              code_name(SQLITE_CANTOPEN), "SQLITE_DATABASE is the path of the file.");
    }
    if (status.type() == std::filesystem::file_type::directory) {
        throw errors::ExternalDatasourceError("SQLite database \"" + path + "\": it is a directory",
                                              code_name(SQLITE_CANTOPEN), "SQLITE_DATABASE is the path of the file.");
    }
}

}  // namespace

Database::Database(DatabaseOptions options, std::stop_token stop)
    : options_(std::move(options)),
      shown_path_(is_uri(options_.path) ? options_.path.substr(0, options_.path.find_first_of("?#")) : options_.path),
      stop_(std::move(stop)) {
    refuse_what_is_no_file(options_.path);
    sqlite3* handle = nullptr;
    // NOMUTEX: a connection is used by one thread at a time, and a lock around each call costs a fifth of the time.
    const int code = sqlite3_open_v2(options_.path.c_str(), &handle,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) {
        fail(handle == nullptr ? code : sqlite3_extended_errcode(handle));
    }
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_handler(
        handle, [](void* self, int attempt) { return static_cast<Database*>(self)->wait_for_lock(attempt) ? 1 : 0; },
        this);
    sqlite3_progress_handler(
        handle, steps_between_questions,
        [](void* self) {
            const auto* const database = static_cast<Database*>(self);
            return database->stop_.stop_requested() || database->statement_is_late() ? 1 : 0;
        },
        this);
    // Opening reads nothing: what the file is, is known after the first page.
    const Statement first_page = prepare("PRAGMA schema_version");
    step(*first_page);
}

Statement Database::prepare(std::string_view sql) {
    if (sql.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        throw errors::InvalidArgument("the query is longer than SQLite takes");
    }
    if (const auto nul = sql.find('\0'); nul != std::string_view::npos) {
        throw errors::InvalidArgument("the query has a NUL character in it, at byte " + std::to_string(nul + 1));
    }
    begin_statement();
    Statement found;
    std::string_view rest = sql;
    while (!rest.empty()) {
        sqlite3_stmt* raw = nullptr;
        const char* tail = nullptr;
        const int code = sqlite3_prepare_v2(handle_.get(), rest.data(), static_cast<int>(rest.size()), &raw, &tail);
        Statement next(raw);
        const auto begin = sql.size() - rest.size();
        if (found && (next || code != SQLITE_OK)) {
            const Position second = position_of(sql, std::min(sql.find_first_not_of(" \t\r\n\f;", begin), sql.size()));
            throw errors::InvalidArgument("several statements where one query is expected: the second begins at line " +
                                          std::to_string(second.line) + ", column " + std::to_string(second.column));
        }
        if (code != SQLITE_OK) {
            fail(code, sql, begin);
        }
        if (next) {
            found = std::move(next);
        }
        rest.remove_prefix(static_cast<std::size_t>(tail - rest.data()));
    }
    if (!found) {
        throw errors::InvalidArgument("the query is empty");
    }
    if (sqlite3_stmt_readonly(found.get()) == 0) {
        throw errors::InvalidArgument("the statement would change the database",
                                      "The connector reads and never writes: pass a SELECT.");
    }
    if (sqlite3_column_count(found.get()) == 0) {
        throw errors::InvalidArgument("the statement gives no columns", "Pass a SELECT.");
    }
    return found;
}

void Database::begin_statement() {
    if (options_.statement_timeout) {
        statement_deadline_ = std::chrono::steady_clock::now() + *options_.statement_timeout;
    }
}

bool Database::step(sqlite3_stmt& statement) {
    const int code = sqlite3_step(&statement);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code == SQLITE_DONE) {
        return false;
    }
    fail(code);
}

void Database::fail(int code, std::string_view query, std::size_t offset_of_part) const {
    // A wait for a lock that was given up because of the stop token ends as SQLITE_BUSY.
    if (stop_.stop_requested()) {
        throw errors::InterruptedError();
    }
    if ((code & 0xFF) == SQLITE_INTERRUPT && statement_is_late()) {
        throw errors::ExternalDatasourceError(
            "SQLite database \"" + shown_path_ + "\": the statement ran longer than the time-out of " +
                std::to_string(options_.statement_timeout->count()) + " ms",
            code_name(code), "Give it more time, or load less at a time.", errors::ExitCode::temporary);
    }
    Failure failure;
    failure.code = code;
    failure.message = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
    failure.database = shown_path_;
    failure.query = query;
#if SQLITE_VERSION_NUMBER >= 3038000
    if (const int offset = handle_ ? sqlite3_error_offset(handle_.get()) : -1; offset >= 0 && !query.empty()) {
        failure.offset = offset_of_part + static_cast<std::size_t>(offset);
    }
#else
    static_cast<void>(offset_of_part);
#endif
    throw_failure(failure);
}

/// Called while another connection holds a lock. @return whether to try again
bool Database::wait_for_lock(int attempt) noexcept {
    constexpr std::chrono::milliseconds longest_nap{50};
    const auto now = std::chrono::steady_clock::now();
    if (attempt == 0) {
        lock_deadline_ = now + options_.busy_timeout;
    }
    if (stop_.stop_requested() || now >= lock_deadline_) {
        return false;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(lock_deadline_ - now);
    const auto nap = std::min({std::chrono::milliseconds{attempt + 1}, longest_nap, left});
    sqlite3_sleep(static_cast<int>(nap.count()));
    return true;
}

Database::Stoppable::Stoppable(Database& database, std::stop_token stop)
    : database_(database), before_(std::move(stop)) {
    if (before_.stop_requested()) {
        throw errors::InterruptedError();
    }
    database_.stop_.swap(before_);
}

Database::Stoppable::~Stoppable() {
    database_.stop_.swap(before_);
}

Database::Snapshot::Snapshot(Database& database) : database_(database) {
    if (const int code = sqlite3_exec(database_.handle_.get(), "BEGIN", nullptr, nullptr, nullptr); code != SQLITE_OK) {
        database_.fail(code);
    }
}

Database::Snapshot::~Snapshot() {
    // Nothing was written, so there is nothing that could fail to be undone.
    sqlite3_exec(database_.handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace tinybird_cdk::sqlite
