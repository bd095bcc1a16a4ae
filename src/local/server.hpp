// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "local/access/tokens.hpp"
#include "local/catalog.hpp"
#include "local/engine.hpp"
#include "local/events/event_queue.hpp"
#include "local/http_server.hpp"
#include "local/jobs.hpp"
#include "local/operation/metrics.hpp"
#include "local/options.hpp"
#include "local/router.hpp"
#include "local/storage.hpp"

namespace tinybird_cdk::local {

/// What the routes work with.
struct Services {
    Engine& engine;
    Catalog& catalog;
    Storage& storage;
    EventQueue& events;
    Jobs& jobs;
    Jobs& linkers;  ///< kept the same way
    TokenStore& tokens;
    Metrics& metrics;
    std::filesystem::path scratch;  ///< for the engine's error files
    std::string workspace_id;
    std::string token;
    std::string endpoint;  ///< known once the port is
};

void add_analyze_routes(Router& router, Services& services);
void add_datasource_routes(Router& router, Services& services);
void add_delete_routes(Router& router, Services& services);
void add_event_routes(Router& router, Services& services);
void add_import_routes(Router& router, Services& services);
void add_job_routes(Router& router, Services& services);
/// @param open_connections asked at each call
void add_operation_routes(Router& router, Services& services, std::function<std::int64_t()> open_connections);
void add_page_routes(Router& router);
void add_sql_routes(Router& router, Services& services);
void add_token_routes(Router& router, Services& services);
void add_workspace_routes(Router& router, Services& services);

/// The data source of a call's first open segment. @throws Refusal 404, 403 when the call's token is not for it
DataSource data_source_of(const Services& services, const Call& call);
/// As the API describes a data source.
nlohmann::json description_of(Services& services, const DataSource& source);

/// The whole server, from an opened data directory to the last answer.
class Server {
public:
    /// @throws errors::Error
    Server(const Options& options, const std::filesystem::path& library);

    [[nodiscard]] const std::string& endpoint() const noexcept { return services_.endpoint; }
    [[nodiscard]] const std::string& token() const noexcept { return services_.token; }
    void run() { http_.run(); }
    void stop();

private:
    [[nodiscard]] std::optional<Answer> check(const Call& call) const;
    [[nodiscard]] std::optional<Answer> check_origin(const Call& call) const;
    [[nodiscard]] bool needs_token(const Call& call) const;
    Answer answer(Call& call);

    Engine engine_;
    Catalog catalog_;
    Storage storage_;
    EventQueue events_;
    Jobs jobs_;
    Jobs linkers_;
    TokenStore tokens_;
    Metrics metrics_;
    Services services_;
    Router router_;
    const bool loopback_only_;
    HttpServer http_;
};

}  // namespace tinybird_cdk::local
