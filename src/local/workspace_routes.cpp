// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include <fmt/format.h>

#include "local/access/tokens.hpp"
#include "local/server.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr const char* usual_name = "Tinybird_Local_Testing";

/// The command line of Tinybird makes a workspace for each project folder. Here all of them are the one that there is,
/// under other names, which last as long as the server. Thread-safe.
class OtherNames {
public:
    void add(const std::string& name) {
        const std::lock_guard lock(mutex_);
        names_.insert(name);
    }
    [[nodiscard]] std::set<std::string> all() const {
        const std::lock_guard lock(mutex_);
        return names_;
    }

private:
    mutable std::mutex mutex_;
    std::set<std::string> names_;
};

/// Nobody is told of a token but the caller's own.
nlohmann::json workspace(const Services& services, const Call& call, const std::string& name = usual_name) {
    const bool admin = call.caller->is_admin();
    return {{"id", name == usual_name ? services.workspace_id : name},
            {"name", name},
            {"user_email", "local@localhost"},
            {"user_id", "local"},
            {"scope", admin ? "admin" : "user"},
            {"main", nullptr},
            {"is_branch", false},
            {"role", admin ? "admin" : "guest"},
            {"plan", "local"},
            {"token", call.caller->secret},
            {"organization_id", "local"}};
}

/// Whoever can reach the loopback interface may have the token, as with Tinybird's own container; a page of another
/// site can't, for browsers let it read no answer that does not allow its origin.
nlohmann::json tokens(const Services& services) {
    return {{"user_token", services.token}, {"admin_token", services.token}, {"workspace_admin_token", services.token}};
}

}  // namespace

void add_workspace_routes(Router& router, Services& services) {
    router.add("GET", "/tokens", [&](Call&) { return json_answer(tokens(services)); });
    router.add("GET", "/v0/regions", [&](Call&) {
        return json_answer({{"regions", nlohmann::json::array({{{"name", "local"},
                                                                {"provider", "local"},
                                                                {"host", services.endpoint},
                                                                {"api_host", services.endpoint}}})}});
    });
    for (const char* path : {"/v0/workspace", "/v1/workspace"}) {
        router.add("GET", path, [&](Call& call) { return json_answer(workspace(services, call)); });
    }
    const auto names = std::make_shared<OtherNames>();
    for (const char* path : {"/v0/user/workspaces", "/v1/user/workspaces", "/v0/workspaces", "/v1/workspaces"}) {
        router.add("GET", path, [&services, names](Call& call) {
            nlohmann::json workspaces = nlohmann::json::array({workspace(services, call)});
            for (const std::string& name : names->all()) {
                workspaces.push_back(workspace(services, call, name));
            }
            return json_answer({{"id", "local"},
                                {"email", "local@localhost"},
                                {"organization_id", "local"},
                                {"workspaces", std::move(workspaces)}});
        });
    }
    for (const char* path : {"/v0/workspaces", "/v1/workspaces"}) {
        router.add("POST", path, [&services, names](Call& call) {
            call.read_form();
            const std::string name = call.parameter("name").value_or("");
            if (name.empty() || name != schema::data_source_name(name)) {
                return error_answer(400, fmt::format("\"{}\" is no name for a workspace", name));
            }
            names->add(name);
            return json_answer(workspace(services, call, name));
        });
    }
    // What a client says of the connector behind a data source is kept for it, in memory, and means nothing here.
    router.add("PUT", "/v0/linkers/:", [&](Call& call) {
        call.read_form();
        const std::string& name = call.captured.at(0);
        const std::string service = call.parameter("service").value_or("");
        nlohmann::json linker = {{"id", name + "/" + service},
                                 {"kind", "linker"},
                                 {"name", name},
                                 {"service", service},
                                 {"query", call.parameter("query").value_or("")}};
        services.linkers.put(linker);
        return json_answer(linker);
    });
    router.add("GET", "/v0/linkers/:", [&](Call& call) {
        const std::string& name = call.captured.at(0);
        if (const auto linker = services.linkers.find(name + "/" + call.parameter("service").value_or(""))) {
            return json_answer(*linker);
        }
        return error_answer(404, fmt::format("Data Source \"{}\" has no linker", name));
    });
    // There are no pipes here; clients ask for them on their way to data sources.
    router.add("GET", "/v0/pipes", [](Call&) { return json_answer({{"pipes", nlohmann::json::array()}}); });
    router.add("GET", "/v0/pipes/:", [](Call& call) {
        return error_answer(404, fmt::format("Pipe \"{}\" does not exist", call.captured.at(0)));
    });
    router.add("GET", "/v0/variables", [](Call&) { return json_answer({{"variables", nlohmann::json::array()}}); });
    router.add("GET", "/v0/tags", [](Call&) { return json_answer({{"tags", nlohmann::json::array()}}); });
}

}  // namespace tinybird_cdk::local
