// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/access/scope_text.hpp"
#include "local/access/tokens.hpp"
#include "local/server.hpp"

/// https://www.tinybird.co/docs/api-reference/token-api
namespace tinybird_cdk::local {

namespace {

constexpr std::size_t largest_body = 1U << 20U;

/// The secret is for those who could have any: ADMIN, and who holds it already.
nlohmann::json description_of(const Services& services, const AccessToken& token, const Call& call) {
    nlohmann::json scopes = nlohmann::json::array();
    for (const Scope& scope : token.scopes) {
        // What is gone allows nothing any more.
        if (scope.resource.empty() || services.catalog.find(scope.resource)) {
            scopes.push_back(scope_json(scope, services.catalog));
        }
    }
    nlohmann::json json = {{"id", token.id},
                           {"name", token.name},
                           {"description", token.description},
                           {"origin", {{"type", "CUSTOM"}}},
                           {"scopes", scopes}};
    if (call.caller->is_admin() || call.caller->id == token.id) {
        json["token"] = token.secret;
    }
    return json;
}

TokenStore::Entry token_of(const Services& services, const Call& call) {
    if (auto token = services.tokens.find(call.captured.at(0))) {
        return token;
    }
    throw Refusal(404, "the token does not exist");
}

/// TOKENS may do much, but not make itself ADMIN.
void check_change(const Call& call, const AccessToken& token) {
    if (token.built_in) {
        throw Refusal(400,
                      "the server's own token can't be changed by a call: start the server with another --token, or "
                      "remove the file \"token\" in its data directory");
    }
    if (token.is_admin() && !call.caller->is_admin()) {
        throw Refusal(403, "Not enough permissions, token needs ADMIN scope");
    }
}

struct Wanted {
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::vector<Scope> scopes;
};

void read_json(const Services& services, const std::string& body, Wanted& wanted) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (!json.is_object()) {
        throw Refusal(400, "the body is not a JSON object");
    }
    if (json.contains("expiration_time")) {
        throw Refusal(400, "JWTs are not served by the local Tinybird: make a static token, without expiration_time");
    }
    const auto text = [&](const char* name) {
        const auto found = json.find(name);
        return found != json.end() && found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
    };
    wanted.name = text("name") ? text("name") : wanted.name;
    wanted.description = text("description") ? text("description") : wanted.description;
    for (const char* name : {"scopes", "scope"}) {
        const auto found = json.find(name);
        if (found == json.end()) {
            continue;
        }
        if (!found->is_array()) {
            wanted.scopes.push_back(scope_of_json(*found, services.catalog));
            continue;
        }
        for (const auto& scope : *found) {
            wanted.scopes.push_back(scope_of_json(scope, services.catalog));
        }
    }
}

/// From the query, a form (whatever its Content-Type: Tinybird's command line sends none) or JSON.
Wanted read_wanted(const Services& services, Call& call) {
    const std::string body = call.body(largest_body);
    const bool json = core::trim(body).starts_with('{');
    if (!json) {
        call.add_form(core::trim(body));
    }
    if (call.parameter("expiration_time")) {
        throw Refusal(400, "JWTs are not served by the local Tinybird: make a static token, without expiration_time");
    }
    Wanted wanted;
    wanted.name = call.parameter("name");
    wanted.description = call.parameter("description");
    for (const std::string& scope : call.values("scope")) {
        wanted.scopes.push_back(parse_scope(scope, services.catalog));
    }
    if (json) {
        read_json(services, body, wanted);
    }
    const bool admin = std::any_of(wanted.scopes.begin(), wanted.scopes.end(),
                                   [](const Scope& scope) { return scope.type == "ADMIN"; });
    if (admin && !call.caller->is_admin()) {
        throw Refusal(403, "Not enough permissions, token needs ADMIN scope");
    }
    return wanted;
}

Answer create(Services& services, Call& call) {
    const Wanted wanted = read_wanted(services, call);
    if (!wanted.name || core::trim(*wanted.name).empty()) {
        throw Refusal(400, "the parameter name is missing");
    }
    if (wanted.scopes.empty()) {
        throw Refusal(400, "the parameter scope is missing, as in scope=DATASOURCES:READ:events");
    }
    if (services.tokens.find(*wanted.name)) {
        throw Refusal(400, "there is already a token of this name: change it with PUT");
    }
    const AccessToken token{.id = core::random_hex(32),
                            .name = *wanted.name,
                            .description = wanted.description.value_or(""),
                            .secret = new_secret(),
                            .scopes = wanted.scopes,
                            .built_in = false};
    services.tokens.put(token);
    nlohmann::json json = description_of(services, token, call);
    json["token"] = token.secret;
    return json_answer(json);
}

Answer change(Services& services, Call& call) {
    const auto old = token_of(services, call);
    check_change(call, *old);
    const Wanted wanted = read_wanted(services, call);
    AccessToken token = *old;
    if (wanted.name && *wanted.name != token.name) {
        if (services.tokens.find(*wanted.name)) {
            throw Refusal(400, "there is already a token of this name");
        }
        token.name = *wanted.name;
    }
    token.description = wanted.description.value_or(token.description);
    if (!wanted.scopes.empty()) {
        token.scopes = wanted.scopes;
    }
    services.tokens.put(token);
    return json_answer(description_of(services, token, call));
}

Answer refresh(Services& services, Call& call) {
    const auto old = token_of(services, call);
    check_change(call, *old);
    call.read_form();
    AccessToken token = *old;
    token.secret = new_secret();
    services.tokens.put(token);
    nlohmann::json json = description_of(services, token, call);
    json["token"] = token.secret;
    return json_answer(json);
}

Answer remove(Services& services, Call& call) {
    const auto token = token_of(services, call);
    check_change(call, *token);
    services.tokens.remove(token->id);
    return json_answer({{"ok", true}});
}

Answer list(Services& services, const Call& call) {
    nlohmann::json tokens = nlohmann::json::array();
    for (const auto& token : services.tokens.all()) {
        tokens.push_back(description_of(services, *token, call));
    }
    return json_answer({{"tokens", tokens}});
}

}  // namespace

void add_token_routes(Router& router, Services& services) {
    router.add("GET", "/v0/tokens", [&](Call& call) { return list(services, call); });
    router.add("POST", "/v0/tokens", [&](Call& call) { return create(services, call); });
    router.add("GET", "/v0/tokens/:", [&](Call& call) {
        return json_answer(description_of(services, *token_of(services, call), call));
    });
    router.add("PUT", "/v0/tokens/:", [&](Call& call) { return change(services, call); });
    router.add("DELETE", "/v0/tokens/:", [&](Call& call) { return remove(services, call); });
    router.add("POST", "/v0/tokens/:/refresh", [&](Call& call) { return refresh(services, call); });
}

}  // namespace tinybird_cdk::local
