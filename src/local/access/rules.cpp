// SPDX-License-Identifier: Apache-2.0
#include "local/access/rules.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "core/text.hpp"
#include "local/engine.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

/// What a call takes. The data source is the one in the path, or else the one that the parameter `name` names.
enum class Need { any, create, drop, tokens, see, append, import };

struct Rule {
    std::string_view method;
    std::string_view pattern;
    Need need;
};

/// Scopes as the documentation has them beside each call
/// (https://www.tinybird.co/docs/api-reference/datasource-api, …/events-api, …/jobs-api, …/token-api).
constexpr std::array rules{
    Rule{"GET", "/metrics", Need::any},
    Rule{"GET", "/v0/workspace", Need::any},
    Rule{"GET", "/v1/workspace", Need::any},
    Rule{"GET", "/v0/user/workspaces", Need::any},
    Rule{"GET", "/v1/user/workspaces", Need::any},
    Rule{"GET", "/v0/pipes", Need::any},
    Rule{"GET", "/v0/pipes/:", Need::any},
    Rule{"GET", "/v0/tags", Need::any},
    Rule{"GET", "/v0/variables", Need::any},
    // These answer with what the token may see.
    Rule{"GET", "/v0/datasources", Need::any},
    Rule{"GET", "/v0/jobs", Need::any},
    Rule{"GET", "/v0/jobs/:", Need::any},
    Rule{"GET", "/v0/sql", Need::any},
    Rule{"POST", "/v0/sql", Need::any},
    Rule{"GET", "/v0/datasources/:", Need::see},
    Rule{"GET", "/v0/linkers/:", Need::see},
    Rule{"PUT", "/v0/linkers/:", Need::create},
    Rule{"POST", "/v0/datasources", Need::import},
    Rule{"POST", "/v1/datasources/:/append", Need::append},
    Rule{"POST", "/v1/datasources/:/replace", Need::create},
    Rule{"POST", "/v0/events", Need::append},
    Rule{"PUT", "/v0/datasources/:", Need::create},
    Rule{"POST", "/v0/datasources/exchange", Need::create},
    Rule{"POST", "/v0/datasources/:/alter", Need::create},
    Rule{"POST", "/v0/datasources/:/truncate", Need::create},
    Rule{"POST", "/v0/datasources/:/delete", Need::create},
    Rule{"POST", "/v1/datasources/:/delete", Need::create},
    Rule{"POST", "/v0/analyze", Need::create},
    Rule{"POST", "/v0/jobs/:/cancel", Need::create},
    Rule{"DELETE", "/v0/datasources/:", Need::drop},
    Rule{"GET", "/v0/tokens", Need::tokens},
    Rule{"POST", "/v0/tokens", Need::tokens},
    Rule{"GET", "/v0/tokens/:", Need::tokens},
    Rule{"PUT", "/v0/tokens/:", Need::tokens},
    Rule{"DELETE", "/v0/tokens/:", Need::tokens},
    Rule{"POST", "/v0/tokens/:/refresh", Need::tokens},
};

/// The first open segment when the path is one of the pattern.
std::optional<std::string> fits(std::string_view pattern, const std::string& path) {
    const auto expected = core::split(pattern, '/');
    std::vector<std::string_view> given;
    for (const std::string_view segment : core::split(path, '/')) {
        if (!segment.empty() || given.empty()) {
            given.push_back(segment);
        }
    }
    if (expected.size() != given.size()) {
        return std::nullopt;
    }
    std::string captured;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (expected[i] == ":") {
            captured = given[i];
        } else if (expected[i] != given[i]) {
            return std::nullopt;
        }
    }
    return captured;
}

std::string lacks(std::string_view scope) {
    return fmt::format("Not enough permissions, token needs {} scope", scope);
}

/// As Tinybird says it.
std::string lacks_for(std::string_view name, std::string_view scope) {
    return fmt::format("Not enough permissions for datasource '{0}', token needs {1}:{0} scope", name, scope);
}

std::optional<std::string> refusal_to_append(const std::string& name, const AccessToken& token,
                                             const Catalog& catalog) {
    if (token.has("DATASOURCES:CREATE")) {
        return std::nullopt;
    }
    const auto source = catalog.find(name);
    if (source && token.has("DATASOURCES:APPEND", source->id)) {
        return std::nullopt;
    }
    return lacks_for(name, "DATASOURCES:APPEND");
}

std::optional<std::string> refusal_to_import(const Call& call, const AccessToken& token, const Catalog& catalog) {
    const bool append = call.parameter("mode") == "append";
    const bool form = call.header("content-type").starts_with("application/x-www-form-urlencoded");
    // A form names the mode behind the headers: it is asked again when it is read.
    if (form && call.permit == nullptr && !call.parameter("mode")) {
        return std::nullopt;
    }
    if (append && form && call.permit == nullptr && !call.parameter("name")) {
        return std::nullopt;
    }
    if (append) {
        return refusal_to_append(call.parameter("name").value_or(""), token, catalog);
    }
    return token.has("DATASOURCES:CREATE") ? std::nullopt : std::optional(lacks("DATASOURCES:CREATE"));
}

std::optional<std::string> refusal_by(const Rule& rule, const std::string& captured, const Call& call,
                                      const AccessToken& token, const Catalog& catalog) {
    const auto needs = [&](std::string_view scope) {
        return token.has(scope) ? std::nullopt : std::optional(lacks(scope));
    };
    switch (rule.need) {
        case Need::any:
            return std::nullopt;
        case Need::create:
            return needs("DATASOURCES:CREATE");
        case Need::drop:
            return needs("DATASOURCES:DROP");
        case Need::tokens:
            return needs("TOKENS");
        case Need::append:
            return refusal_to_append(captured.empty() ? call.parameter("name").value_or("") : captured, token, catalog);
        case Need::import:
            return refusal_to_import(call, token, catalog);
        case Need::see: {
            constexpr std::string_view suffix = ".datasource";
            auto source = catalog.find(captured);
            if (!source && captured.ends_with(suffix)) {
                source = catalog.find(captured.substr(0, captured.size() - suffix.size()));
            }
            if (token.has("DATASOURCES:CREATE") || token.has("DATASOURCES:DROP") ||
                (source && may_see(token, *source))) {
                return std::nullopt;
            }
            return lacks_for(captured, "DATASOURCES:READ");
        }
    }
    return lacks("ADMIN");
}

}  // namespace

bool is_open(const std::string& path) {
    return path == "/health" || path == "/v0/health" || path == "/metrics" || path == "/tokens" ||
           path == "/v0/regions" || path == "/" || path.starts_with("/page/");
}

std::optional<std::string> refusal_of(const Call& call, const AccessToken& token, const Catalog& catalog) {
    if (token.is_admin()) {
        return std::nullopt;
    }
    for (const Rule& rule : rules) {
        if (rule.method != call.method) {
            continue;
        }
        // "/v0/datasources/exchange" is no data source.
        if (const auto captured = fits(rule.pattern, call.path)) {
            return refusal_by(rule, *captured, call, token, catalog);
        }
    }
    return lacks("ADMIN");
}

bool may_see(const AccessToken& token, const DataSource& source) {
    return may_read(token, source) || token.has("DATASOURCES:CREATE") || token.has("DATASOURCES:DROP") ||
           token.has("DATASOURCES:APPEND", source.id);
}

bool may_read(const AccessToken& token, const DataSource& source) {
    return token.is_admin() || token.has("WORKSPACE:READ_ALL") || token.has("DATASOURCES:READ", source.id);
}

void check_tables(std::string_view sql, const AccessToken& token, const Catalog& catalog) {
    if (token.is_admin()) {
        return;
    }
    std::map<std::string, std::string> forbidden;  // table → data source
    for (const DataSource& source : catalog.all()) {
        if (!may_read(token, source)) {
            forbidden.emplace(source.name, source.name);
            forbidden.emplace(source.name + "_quarantine", source.name);
        }
    }
    const auto tokens = tokens_of(sql);
    const auto is_point = [&](std::size_t i) {
        return i < tokens.size() && tokens[i].kind == Token::Kind::symbol && tokens[i].text == ".";
    };
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto found = tokens[i].kind == Token::Kind::identifier ? forbidden.find(tokens[i].text) : forbidden.end();
        if (found == forbidden.end() || is_point(i + 1)) {
            continue;
        }
        // Behind a point it is a column, but for the one database that there is.
        if (i > 1 && is_point(i - 1) && tokens[i - 2].kind == Token::Kind::identifier &&
            tokens[i - 2].text != workspace_database) {
            continue;
        }
        throw Refusal(403, lacks_for(found->second, "DATASOURCES:READ"));
    }
}

}  // namespace tinybird_cdk::local
