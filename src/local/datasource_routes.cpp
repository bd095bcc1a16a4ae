// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include <tinybird_cdk/schema.hpp>

#include "core/text.hpp"
#include "local/access/rules.hpp"
#include "local/held_source.hpp"
#include "local/schema_text.hpp"
#include "local/server.hpp"
#include "local/table_text.hpp"

namespace tinybird_cdk::local {

namespace {

/// What the parameter attrs leaves of a description. Tinybird's command line asks for used_by and reads all the same.
nlohmann::json chosen(nlohmann::json description, const Call& call) {
    const std::string attributes = call.parameter("attrs").value_or("");
    nlohmann::json result = nlohmann::json::object();
    for (const std::string_view part : core::split(attributes, ',')) {
        const std::string name(core::trim(part));
        if (const auto found = description.find(name); found != description.end()) {
            result[name] = *found;
        }
    }
    return result.empty() || (result.size() == 1 && result.contains("used_by")) ? description : result;
}

Answer list_all(Services& services, const Call& call) {
    nlohmann::json list = nlohmann::json::array();
    for (const DataSource& source : services.catalog.all()) {
        if (may_see(*call.caller, source)) {
            list.push_back(chosen(description_of(services, source), call));
        }
    }
    return json_answer({{"datasources", list}});
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

/// https://www.tinybird.co/docs/forward/dev-reference/datafiles/datasource-files
Answer datafile(const DataSource& source) {
    schema::Schema schema;
    schema.columns = source.columns;
    const EngineParts engine = parts_of_engine(source.engine);
    schema.engine = engine.name;
    schema.partition_key = source.partition_key;
    Answer answer;
    answer.body = schema.to_datafile(source.description);
    // A sorting key may have expressions, which the schema has not.
    constexpr std::string_view key = "ENGINE_SORTING_KEY";
    answer.body.resize(answer.body.rfind(key));
    answer.body += fmt::format("{} \"{}\"\n", key, source.sorting_key.empty() ? "tuple()" : source.sorting_key);
    for (const auto& [option, value] : engine.options) {
        answer.body += fmt::format("{} \"{}\"\n", upper(option), value);
    }
    if (!source.ttl.empty()) {
        answer.body += fmt::format("ENGINE_TTL \"{}\"\n", source.ttl);
    }
    // Tinybird's own clients compare this to the letter.
    answer.content_type = "text/plain";
    return answer;
}

Answer describe(Services& services, Call& call) {
    constexpr std::string_view suffix = ".datasource";
    std::string& name = call.captured.at(0);
    if (name.size() > suffix.size() && name.ends_with(suffix) && !services.catalog.find(name)) {
        name.resize(name.size() - suffix.size());
        return datafile(data_source_of(services, call));
    }
    return json_answer(chosen(description_of(services, data_source_of(services, call)), call));
}

Answer drop(Services& services, Call& call) {
    if (call.parameter("dry_run") == "true") {
        data_source_of(services, call);
        return json_answer({{"dependent_pipes", nlohmann::json::array()}});
    }
    const HeldSource source(services, call);
    services.storage.drop(*source);
    Answer answer;
    answer.status = 204;
    return answer;
}

Answer truncate(Services& services, Call& call) {
    const HeldSource source(services, call);
    services.storage.truncate(*source);
    services.catalog.touch(source->id);
    Answer answer;
    answer.status = 205;
    return answer;
}

/// `ttl`: "false" takes it away.
std::optional<std::string> ttl_of(const Call& call) {
    auto ttl = call.parameter("ttl");
    if (ttl && (*ttl == "false" || core::trim(*ttl).empty())) {
        ttl = "";
    }
    return ttl;
}

Answer alter(Services& services, Call& call) {
    call.read_form();
    const HeldSource source(services, call);
    if (const auto indexes = call.parameter("indexes"); indexes && *indexes != "0" && !core::trim(*indexes).empty()) {
        throw Refusal(400, "indexes are not served by the local Tinybird: leave the parameter out");
    }
    Alteration alteration;
    if (const auto schema = call.parameter("schema"); schema && !core::trim(*schema).empty()) {
        alteration.columns = parse_schema(*schema);
    }
    alteration.description = call.parameter("description");
    alteration.ttl = ttl_of(call);
    if (!alteration.columns && !alteration.description && !alteration.ttl) {
        throw Refusal(400, "one of the parameters schema, description, ttl is missing");
    }
    const std::vector<std::string> operations =
        services.storage.alter(*source, alteration, call.parameter("dry") == "true");
    return json_answer({{"datasource", {{"id", source->id}, {"name", source->name}}},
                        {"operations", operations},
                        {"dependencies", nlohmann::json::array()}});
}

/// Another name, description or TTL, or all of them.
Answer change(Services& services, Call& call) {
    call.read_form();
    const HeldSource held(services, call);
    DataSource source = *held;
    const std::string name = call.parameter("name").value_or(source.name);
    if (name != schema::data_source_name(name)) {
        throw Refusal(400,
                      fmt::format("\"{}\" is no name for a data source: use letters, digits and underscores", name));
    }
    Alteration alteration;
    if (const auto text = call.parameter("description"); text && *text != source.description) {
        alteration.description = text;
    }
    if (const auto ttl = ttl_of(call); ttl && *ttl != source.ttl) {
        alteration.ttl = ttl;
    }
    if (alteration.description || alteration.ttl) {
        services.storage.alter(source, alteration);
        source = services.catalog.find(source.id).value_or(source);
    }
    if (name != source.name) {
        services.storage.rename(source, name);
    }
    return json_answer(description_of(services, services.catalog.find(source.id).value_or(source)));
}

/// Two data sources take each other's names.
Answer exchange(Services& services, Call& call) {
    call.read_form();
    const std::string one = call.parameter("datasource_a").value_or("");
    const std::string other = call.parameter("datasource_b").value_or("");
    const auto named = [&](const std::string& name) {
        call.captured = {name};
        return data_source_of(services, call);
    };
    const auto first = services.catalog.write_lock(named(one).name);
    const auto second = services.catalog.write_lock(named(other).name);
    if (first == second) {
        throw Refusal(400, "datasource_a and datasource_b are the same data source");
    }
    const std::scoped_lock lock(*first, *second);
    const DataSource left = named(one);
    const DataSource right = named(other);
    services.storage.exchange(left, right);
    return json_answer({{"datasource_a", description_of(services, services.catalog.find(left.id).value_or(left))},
                        {"datasource_b", description_of(services, services.catalog.find(right.id).value_or(right))}});
}

}  // namespace

void add_datasource_routes(Router& router, Services& services) {
    router.add("GET", "/v0/datasources", [&](Call& call) { return list_all(services, call); });
    router.add("GET", "/v0/datasources/:", [&](Call& call) { return describe(services, call); });
    router.add("DELETE", "/v0/datasources/:", [&](Call& call) { return drop(services, call); });
    router.add("PUT", "/v0/datasources/:", [&](Call& call) { return change(services, call); });
    router.add("POST", "/v0/datasources/exchange", [&](Call& call) { return exchange(services, call); });
    router.add("POST", "/v0/datasources/:/truncate", [&](Call& call) { return truncate(services, call); });
    router.add("POST", "/v0/datasources/:/alter", [&](Call& call) { return alter(services, call); });
}

}  // namespace tinybird_cdk::local
