// SPDX-License-Identifier: Apache-2.0
#include "local/engine.hpp"

#include <exception>
#include <thread>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::local {

namespace {

constexpr std::size_t most_idle = 8;
constexpr std::size_t largest_result = 100'000'000;
/// After kill -9 of another server the kernel may hold its lock for a moment.
constexpr int connect_tries = 10;
constexpr auto connect_pause = std::chrono::milliseconds(100);

}  // namespace

Engine::Engine(const std::filesystem::path& library, const std::filesystem::path& data_directory,
               std::size_t most_memory)
    : library_(library),
      path_argument_(fmt::format("--path={}", data_directory.string())),
      memory_argument_(fmt::format("--max_server_memory_usage={}", most_memory)),
      most_memory_(most_memory) {
    for (int i = 1;; ++i) {
        try {
            idle_writers_.push_back(connect(false));
            break;
        } catch (const chdb::EngineError& error) {
            if (i == connect_tries) {
                throw errors::Error(fmt::format("the engine can't open {}: {}", data_directory.string(), error.what()),
                                    "Stop the other server, or choose another --data-dir.");
            }
            std::this_thread::sleep_for(connect_pause);
        }
    }
    run(fmt::format("CREATE DATABASE IF NOT EXISTS {} ENGINE = Atomic", workspace_database));
    // Whatever a crash left half-made goes away with its database.
    run(fmt::format("DROP DATABASE IF EXISTS {} SYNC", staging_database));
    run(fmt::format("CREATE DATABASE {} ENGINE = Atomic", staging_database));
}

std::unique_ptr<chdb::Connection> Engine::connect(bool read_only, const std::string& settings) {
    auto connection = std::make_unique<chdb::Connection>(library_.functions(),
                                                         std::vector<std::string>{path_argument_, memory_argument_});
    if (read_only) {
        connection->limit_results(largest_result);
        // A query leaves room for the loads.
        connection->query(fmt::format("SET max_memory_usage = {}", most_memory_ / 2));
        // Tinybird ends queries after 10 s and 100 MB (https://www.tinybird.co/docs/support/limits).
        connection->query(fmt::format("USE {}", workspace_database));
        connection->query(
            "SET max_execution_time = 10, max_result_bytes = 104857600, output_format_json_quote_64bit_integers = 0");
        if (!settings.empty()) {
            connection->query("SET " + settings);
        }
        connection->query("SET readonly = 1");
    } else {
        connection->query(
            "SET input_format_null_as_default = 0, "
            "enable_json_type = 1, session_timezone = 'UTC'");
    }
    return connection;
}

Engine::Lease::Lease(Engine& engine, bool read_only) : engine_(engine), read_only_(read_only) {
    auto& idle = read_only_ ? engine_.idle_readers_ : engine_.idle_writers_;
    {
        const std::lock_guard lock(engine_.mutex_);
        if (!idle.empty()) {
            connection_ = std::move(idle.back());
            idle.pop_back();
        }
    }
    if (!connection_) {
        connection_ = engine_.connect(read_only_);
    }
}

Engine::Lease::Lease(Engine& engine, const std::string& settings)
    : engine_(engine), read_only_(true), reusable_(false), connection_(engine.connect(true, settings)) {}

Engine::Lease::~Lease() {
    if (!reusable_ || !connection_ || connection_->failed()) {
        return;
    }
    auto& idle = read_only_ ? engine_.idle_readers_ : engine_.idle_writers_;
    const std::lock_guard lock(engine_.mutex_);
    if (idle.size() < most_idle) {
        idle.push_back(std::move(connection_));
    }
}

}  // namespace tinybird_cdk::local
