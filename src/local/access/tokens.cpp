// SPDX-License-Identifier: Apache-2.0
#include "local/access/tokens.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/ids.hpp"
#include "local/private_file.hpp"

namespace tinybird_cdk::local {

namespace {

using Json = nlohmann::json;

/// Comparing takes the same time wherever the texts differ.
bool same_secret(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) {
        return false;
    }
    unsigned difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i]);
    }
    return difference == 0;
}

Json to_json(const AccessToken& token) {
    Json scopes = Json::array();
    for (const Scope& scope : token.scopes) {
        scopes.push_back({{"type", scope.type}, {"resource", scope.resource}});
    }
    return {{"id", token.id},
            {"name", token.name},
            {"description", token.description},
            {"token", token.secret},
            {"scopes", scopes}};
}

AccessToken from_json(const Json& json) {
    AccessToken token;
    token.id = json.at("id");
    token.name = json.at("name");
    token.description = json.at("description");
    token.secret = json.at("token");
    for (const Json& scope : json.at("scopes")) {
        token.scopes.push_back({scope.at("type"), scope.at("resource")});
    }
    return token;
}

}  // namespace

bool AccessToken::has(std::string_view type) const {
    return std::any_of(scopes.begin(), scopes.end(), [&](const Scope& scope) { return scope.type == type; });
}

bool AccessToken::has(std::string_view type, std::string_view resource) const {
    return std::any_of(scopes.begin(), scopes.end(),
                       [&](const Scope& scope) { return scope.type == type && scope.resource == resource; });
}

TokenStore::TokenStore(std::filesystem::path file, const std::string& admin) : file_(std::move(file)) {
    logger::remember_secret(admin);
    tokens_.push_back(std::make_shared<AccessToken>(AccessToken{.id = "local",
                                                                .name = "admin token",
                                                                .description = "",
                                                                .secret = admin,
                                                                .scopes = {{"ADMIN", ""}},
                                                                .built_in = true}));
    std::ifstream stream(file_);
    if (!stream) {
        return;
    }
    try {
        const Json document = Json::parse(stream);
        for (const Json& item : document.at("tokens")) {
            tokens_.push_back(std::make_shared<AccessToken>(from_json(item)));
            logger::remember_secret(tokens_.back()->secret);
        }
    } catch (const Json::exception& error) {
        throw errors::Error(fmt::format("{} is damaged: {}", file_.string(), error.what()),
                            "Remove it: all tokens but the server's own are then to be made again.");
    }
}

TokenStore::Entry TokenStore::find_secret(std::string_view secret) const {
    const std::lock_guard lock(mutex_);
    Entry found;
    for (const Entry& token : tokens_) {
        if (same_secret(token->secret, secret)) {
            found = token;
        }
    }
    return found;
}

TokenStore::Entry TokenStore::find(std::string_view name) const {
    {
        const std::lock_guard lock(mutex_);
        const auto found = std::find_if(tokens_.begin(), tokens_.end(),
                                        [&](const Entry& token) { return token->id == name || token->name == name; });
        if (found != tokens_.end()) {
            return *found;
        }
    }
    return find_secret(name);
}

std::vector<TokenStore::Entry> TokenStore::all() const {
    const std::lock_guard lock(mutex_);
    return tokens_;
}

void TokenStore::put(AccessToken token) {
    logger::remember_secret(token.secret);
    const std::lock_guard lock(mutex_);
    std::vector<Entry> next = tokens_;
    auto entry = std::make_shared<AccessToken>(std::move(token));
    const auto found = std::find_if(next.begin(), next.end(), [&](const Entry& each) { return each->id == entry->id; });
    if (found == next.end()) {
        next.push_back(std::move(entry));
    } else {
        *found = std::move(entry);
    }
    save(next);
    tokens_ = std::move(next);
}

void TokenStore::remove(const std::string& id) {
    const std::lock_guard lock(mutex_);
    std::vector<Entry> next = tokens_;
    std::erase_if(next, [&](const Entry& each) { return each->id == id && !each->built_in; });
    save(next);
    tokens_ = std::move(next);
}

void TokenStore::save(const std::vector<Entry>& tokens) const {
    Json items = Json::array();
    for (const Entry& token : tokens) {
        if (!token->built_in) {
            items.push_back(to_json(*token));
        }
    }
    write_private_file(file_, Json{{"tokens", items}}.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string new_secret() {
    return "p." + core::random_hex(40);
}

}  // namespace tinybird_cdk::local
