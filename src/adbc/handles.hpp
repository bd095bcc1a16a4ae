// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include <arrow-adbc/adbc.h>

namespace tinybird_cdk::adbc {

/// Owners of ADBC's handles. What a release says of a failure is of no use: nothing is left to be done.
class Database {
public:
    Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() {
        if (handle_.private_data != nullptr) {
            AdbcDatabaseRelease(&handle_, nullptr);
        }
    }
    [[nodiscard]] AdbcDatabase* get() noexcept { return &handle_; }

private:
    AdbcDatabase handle_{};
};

class ConnectionHandle {
public:
    ConnectionHandle() = default;
    ConnectionHandle(const ConnectionHandle&) = delete;
    ConnectionHandle& operator=(const ConnectionHandle&) = delete;
    ~ConnectionHandle() {
        if (handle_.private_data != nullptr) {
            AdbcConnectionRelease(&handle_, nullptr);
        }
    }
    [[nodiscard]] AdbcConnection* get() noexcept { return &handle_; }

private:
    AdbcConnection handle_{};
};

class Statement {
public:
    Statement() = default;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() {
        if (handle_.private_data != nullptr) {
            AdbcStatementRelease(&handle_, nullptr);
        }
    }
    [[nodiscard]] AdbcStatement* get() noexcept { return &handle_; }

private:
    AdbcStatement handle_{};
};

}  // namespace tinybird_cdk::adbc
