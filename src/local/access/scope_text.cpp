// SPDX-License-Identifier: Apache-2.0
#include "local/access/scope_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/text.hpp"
#include "local/answers.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr std::array<std::string_view, 5> whole{"ADMIN", "TOKENS", "DATASOURCES:CREATE", "DATASOURCES:DROP",
                                                "WORKSPACE:READ_ALL"};
constexpr std::array<std::string_view, 2> of_data_source{"DATASOURCES:READ", "DATASOURCES:APPEND"};

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Scope made(const std::string& type, const std::string& resource, const std::string& filter, const Catalog& catalog) {
    if (contains(whole, type) && resource.empty()) {
        return {type, ""};
    }
    if (!contains(of_data_source, type)) {
        throw Refusal(400, fmt::format("the scope \"{}{}{}\" is not served by the local Tinybird: use one of {}, or "
                                       "DATASOURCES:READ:name, DATASOURCES:APPEND:name",
                                       type, resource.empty() ? "" : ":", resource, fmt::join(whole, ", ")));
    }
    if (resource.empty()) {
        throw Refusal(400, fmt::format("the scope {} needs a data source, as in {}:events", type, type));
    }
    if (!filter.empty()) {
        throw Refusal(400,
                      fmt::format("the scope {}:{} has a filter, which the local Tinybird does not serve (nor does "
                                  "Tinybird Forward): the token was not made",
                                  type, resource));
    }
    const auto source = catalog.find(resource);
    if (!source) {
        throw Refusal(404, fmt::format("Data Source \"{}\" does not exist: make it before a token for it", resource));
    }
    return {type, source->id};
}

}  // namespace

Scope parse_scope(std::string_view text, const Catalog& catalog) {
    text = core::trim(text);
    // The documentation writes both DATASOURCE and DATASOURCES.
    std::string whole_text(text);
    if (text.starts_with("DATASOURCE:")) {
        whole_text.insert(std::string_view("DATASOURCE").size(), "S");
    }
    text = whole_text;
    if (contains(whole, text)) {
        return {std::string(text), ""};
    }
    const std::size_t first = text.find(':');
    const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
    if (second == std::string_view::npos) {
        return made(std::string(text), "", "", catalog);
    }
    const std::string_view rest = text.substr(second + 1);
    const std::size_t third = rest.find(':');
    return made(std::string(text.substr(0, second)), std::string(rest.substr(0, third)),
                third == std::string_view::npos ? "" : std::string(rest.substr(third + 1)), catalog);
}

Scope scope_of_json(const nlohmann::json& json, const Catalog& catalog) {
    if (json.is_string()) {
        return parse_scope(json.get<std::string>(), catalog);
    }
    const auto text = [&](const char* name) {
        const auto found = json.find(name);
        return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    if (!json.is_object() || text("type").empty()) {
        throw Refusal(400, R"(a scope is an object with "type" and, for some, "resource")");
    }
    if (json.contains("fixed_params")) {
        throw Refusal(400, "fixed_params belong to pipes and JWTs, which the local Tinybird does not serve");
    }
    std::string type = text("type");
    if (type.starts_with("DATASOURCE:")) {
        type.insert(std::string_view("DATASOURCE").size(), "S");
    }
    return made(type, text("resource"), text("filter"), catalog);
}

nlohmann::json scope_json(const Scope& scope, const Catalog& catalog) {
    nlohmann::json json = {{"type", scope.type}};
    if (!scope.resource.empty()) {
        const auto source = catalog.find(scope.resource);
        json["resource"] = source ? source->name : scope.resource;
    }
    return json;
}

}  // namespace tinybird_cdk::local
