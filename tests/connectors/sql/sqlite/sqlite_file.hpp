// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <sqlite3.h>

#include <tinybird_cdk/config.hpp>

namespace tinybird_cdk::testing {

/// Bytes that are a BLOB, where a string is TEXT.
struct Blob {
    std::string bytes;
};
/// A value as it is stored, without a notation in between that could change it.
using Stored = std::variant<std::nullptr_t, std::int64_t, double, std::string, Blob>;

/// A SQLite file in a directory of its own; both go with the object. What goes wrong throws std::runtime_error.
class SqliteFile {
public:
    SqliteFile();
    ~SqliteFile();
    SqliteFile(const SqliteFile&) = delete;
    SqliteFile& operator=(const SqliteFile&) = delete;

    void execute(const std::string& sql);
    /// Adds a row to a table with as many columns.
    void insert(const std::string& table, const std::vector<Stored>& values);
    /// All rows of a query, value by value.
    std::vector<std::vector<Stored>> read(const std::string& sql);

    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
    [[nodiscard]] std::filesystem::path path() const { return directory_ / "test.db"; }
    /// `environment` with SQLITE_DATABASE set to this file.
    [[nodiscard]] Environment environment(const Environment& environment = Environment::of({})) const {
        return environment.with("SQLITE_DATABASE", path().string());
    }

private:
    struct Close {
        void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
    };
    void check(int code) const;

    std::filesystem::path directory_;
    std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace tinybird_cdk::testing
