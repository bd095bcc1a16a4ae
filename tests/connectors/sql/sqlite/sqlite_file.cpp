// SPDX-License-Identifier: Apache-2.0
#include "connectors/sql/sqlite/sqlite_file.hpp"

#include <stdlib.h>  // mkdtemp is POSIX

#include <stdexcept>

namespace tinybird_cdk::testing {

namespace {

std::filesystem::path new_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "tinybird_cdk_sqlite_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("no temporary directory can be made");
    }
    return name;
}

struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

/// Binds a value; the text and the bytes outlive the statement's one step.
struct Bind {
    sqlite3_stmt* statement;
    int index;

    int operator()(std::nullptr_t) const { return sqlite3_bind_null(statement, index); }
    int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
    int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
    int operator()(const std::string& value) const {
        return sqlite3_bind_text(statement, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    int operator()(const Blob& value) const {
        return sqlite3_bind_blob(statement, index, value.bytes.data(), static_cast<int>(value.bytes.size()),
                                 SQLITE_STATIC);
    }
};

Stored value_at(sqlite3_stmt* statement, int index) {
    const auto bytes = [&](const void* begin) {
        return begin == nullptr ? std::string()
                                : std::string(static_cast<const char*>(begin),
                                              static_cast<std::size_t>(sqlite3_column_bytes(statement, index)));
    };
    switch (sqlite3_column_type(statement, index)) {
        case SQLITE_INTEGER:
            return static_cast<std::int64_t>(sqlite3_column_int64(statement, index));
        case SQLITE_FLOAT:
            return sqlite3_column_double(statement, index);
        case SQLITE_TEXT:
            return bytes(sqlite3_column_text(statement, index));
        case SQLITE_BLOB:
            return Blob{bytes(sqlite3_column_blob(statement, index))};
        default:
            return nullptr;
    }
}

}  // namespace

SqliteFile::SqliteFile() : directory_(new_directory()) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open(path().c_str(), &handle);
    handle_.reset(handle);
    check(code);
    // The files are thrown away: nothing has to reach the disk.
    execute("PRAGMA synchronous = OFF");
}

SqliteFile::~SqliteFile() {
    handle_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

void SqliteFile::execute(const std::string& sql) {
    check(sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

void SqliteFile::insert(const std::string& table, const std::vector<Stored>& values) {
    std::string sql = "INSERT INTO " + table + " VALUES (";
    for (std::size_t index = 0; index < values.size(); ++index) {
        sql += index == 0 ? "?" : ", ?";
    }
    sqlite3_stmt* raw = nullptr;
    check(sqlite3_prepare_v2(handle_.get(), (sql + ")").c_str(), -1, &raw, nullptr));
    const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
    for (std::size_t index = 0; index < values.size(); ++index) {
        check(std::visit(Bind{raw, static_cast<int>(index) + 1}, values[index]));
    }
    if (sqlite3_step(raw) != SQLITE_DONE) {
        check(sqlite3_errcode(handle_.get()));
    }
}

std::vector<std::vector<Stored>> SqliteFile::read(const std::string& sql) {
    sqlite3_stmt* raw = nullptr;
    check(sqlite3_prepare_v2(handle_.get(), sql.c_str(), -1, &raw, nullptr));
    const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
    std::vector<std::vector<Stored>> rows;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
        std::vector<Stored> row;
        for (int index = 0; index < sqlite3_column_count(raw); ++index) {
            row.push_back(value_at(raw, index));
        }
        rows.push_back(std::move(row));
    }
    check(code == SQLITE_DONE ? SQLITE_OK : code);
    return rows;
}

void SqliteFile::check(int code) const {
    if (code != SQLITE_OK) {
        throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(handle_.get()));
    }
}

}  // namespace tinybird_cdk::testing
