// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "local/chdb/library.hpp"

namespace tinybird_cdk::local::chdb {

/// ClickHouse refused a statement. `code()` is its error code, as in 62 for a syntax error; 0 when it names none.
class EngineError : public std::runtime_error {
public:
    explicit EngineError(const std::string& message);
    [[nodiscard]] int code() const noexcept { return code_; }

private:
    int code_;
};

/// One connection: one statement at a time, by one thread at a time.
class Connection {
public:
    /// @param arguments as on the command line of ClickHouse, as in "--path=…"
    /// @throws EngineError when the engine refuses, as it does for a directory that is in use
    Connection(const Functions& functions, const std::vector<std::string>& arguments);

    /// Runs a statement. @param format of the output, unless the statement has a FORMAT clause
    std::string query(std::string_view sql, std::string_view format = "TabSeparated");
    /// A statement with a longer result is an error (396, as ClickHouse's own). Its `max_result_bytes` lets 200 MB
    /// pass.
    void limit_results(std::size_t bytes) noexcept { largest_result_ = bytes; }
    /// Whether a statement has failed. What it had written by then would come before the next one's result.
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    /// What the parser says of a text: how many statements, and whether they only read.
    QueryAnalysis classify(std::string_view sql);

    /// A streaming INSERT. Without `finish()` nothing counts: the destructor cancels it.
    class Insert {
    public:
        Insert(Connection& connection, std::string_view sql, std::string_view format);
        /// @throws EngineError when the engine has failed meanwhile
        void write(std::string_view data);
        void finish();

    private:
        struct Close {
            const Functions* functions;
            void operator()(InsertHandle* handle) const noexcept { functions->destroy_insert(handle); }
        };
        const Functions& functions_;
        std::unique_ptr<InsertHandle, Close> handle_;
    };

private:
    struct Close {
        const Functions* functions;
        void operator()(ConnectionHandle** handle) const noexcept { functions->close(handle); }
    };
    const Functions& functions_;
    std::unique_ptr<ConnectionHandle*, Close> handle_;
    std::size_t largest_result_ = 0;  ///< 0: any
    bool failed_ = false;
};

}  // namespace tinybird_cdk::local::chdb
