// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "local/chdb/connection.hpp"

namespace tinybird_cdk::local {

/// Users' tables live in one database, half-made ones in another that is emptied at each start.
inline constexpr std::string_view workspace_database = "workspace";
inline constexpr std::string_view staging_database = "staging";

/// The embedded ClickHouse of this process. Thread-safe: each statement takes a connection of its own from a pool.
class Engine {
public:
    /// @throws errors::Error when the library can't be loaded or the directory is in use by another process
    /// @param most_memory in bytes, of all statements together: one that needs more is refused, and the process lives
    Engine(const std::filesystem::path& library, const std::filesystem::path& data_directory, std::size_t most_memory);

    /// A connection for as long as it is held.
    class Lease {
    public:
        Lease(Engine& engine, bool read_only);
        /// A reader of its own with other settings, as in "output_format_json_quote_denormals = 1".
        Lease(Engine& engine, const std::string& settings);
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease();
        chdb::Connection* operator->() const noexcept { return connection_.get(); }
        chdb::Connection& operator*() const noexcept { return *connection_; }

    private:
        Engine& engine_;
        const bool read_only_;
        const bool reusable_ = true;
        std::unique_ptr<chdb::Connection> connection_;
    };

    /// May change everything.
    Lease writer() { return {*this, false}; }
    /// May only read the workspace: for statements of users.
    Lease reader() { return {*this, true}; }
    Lease reader(const std::string& settings) { return {*this, settings}; }

    /// Runs a statement of the server's own.
    std::string run(std::string_view sql, std::string_view format = "TabSeparated") {
        return writer()->query(sql, format);
    }

private:
    std::unique_ptr<chdb::Connection> connect(bool read_only, const std::string& settings = {});

    const chdb::Library library_;
    const std::string path_argument_;
    const std::string memory_argument_;
    const std::size_t most_memory_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<chdb::Connection>> idle_writers_;
    std::vector<std::unique_ptr<chdb::Connection>> idle_readers_;
};

}  // namespace tinybird_cdk::local
