// SPDX-License-Identifier: Apache-2.0
#include "local/catalog.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::local {

namespace {

using Json = nlohmann::json;

Json to_json(const DataSource& source) {
    Json columns = Json::array();
    for (const schema::Column& column : source.columns) {
        columns.push_back({{"name", column.name},
                           {"type", column.type.to_string()},
                           {"jsonpath", column.jsonpath},
                           {"default", column.default_expr}});
    }
    return {{"id", source.id},
            {"name", source.name},
            {"description", source.description},
            {"columns", columns},
            {"engine", source.engine},
            {"sorting_key", source.sorting_key},
            {"partition_key", source.partition_key},
            {"ttl", source.ttl},
            {"created_at", source.created_at},
            {"updated_at", source.updated_at}};
}

DataSource from_json(const Json& json) {
    DataSource source;
    source.id = json.at("id");
    source.name = json.at("name");
    source.description = json.at("description");
    for (const Json& field : json.at("columns")) {
        schema::Column column;
        column.name = field.at("name");
        column.type = schema::Type::parse(field.at("type").get<std::string>());
        column.jsonpath = field.at("jsonpath");
        column.default_expr = field.at("default");
        source.columns.push_back(std::move(column));
    }
    source.engine = json.at("engine");
    source.sorting_key = json.at("sorting_key");
    source.partition_key = json.at("partition_key");
    source.ttl = json.value("ttl", "");
    source.created_at = json.at("created_at");
    source.updated_at = json.at("updated_at");
    return source;
}

constexpr std::array<std::pair<Intent::Kind, const char*>, 5> kinds{{{Intent::Kind::create, "create"},
                                                                     {Intent::Kind::drop, "drop"},
                                                                     {Intent::Kind::rename, "rename"},
                                                                     {Intent::Kind::exchange, "exchange"},
                                                                     {Intent::Kind::alter, "alter"}}};

Json to_json(const Intent& intent) {
    const auto kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& entry) { return entry.first == intent.kind; });
    return {{"id", intent.id},
            {"kind", kind->second},
            {"before", to_json(intent.before)},
            {"after", to_json(intent.after)},
            {"tables", intent.tables}};
}

Intent intent_from_json(const Json& json) {
    Intent intent;
    intent.id = json.at("id");
    const std::string name = json.at("kind");
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const auto& entry) { return entry.second == name; });
    if (kind == kinds.end()) {
        throw errors::Error(fmt::format("the catalog has an unknown change \"{}\"", name),
                            "Was it written by a newer tb-cdk-local? Use that one.");
    }
    intent.kind = kind->first;
    intent.before = from_json(json.at("before"));
    intent.after = from_json(json.at("after"));
    intent.tables = json.at("tables").get<std::map<std::string, std::string>>();
    return intent;
}

}  // namespace

std::string timestamp_now() {
    const auto now = std::chrono::system_clock::now();
    const auto microseconds =
        std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() % 1'000'000;
    return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:06}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                       microseconds);
}

Catalog::Catalog(std::filesystem::path file) : file_(std::move(file)) {
    std::ifstream stream(file_);
    if (!stream) {
        return;
    }
    try {
        const Json document = Json::parse(stream);
        for (const Json& item : document.at("datasources")) {
            DataSource source = from_json(item);
            state_.sources.emplace(source.name, std::move(source));
        }
        for (const Json& item : document.value("intents", Json::array())) {
            state_.intents.push_back(intent_from_json(item));
        }
    } catch (const Json::exception& error) {
        throw errors::Error(fmt::format("{} is damaged: {}", file_.string(), error.what()),
                            "Choose another --data-dir, or remove this one to begin anew.");
    }
}

std::vector<DataSource> Catalog::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<DataSource> result;
    for (const auto& [name, source] : state_.sources) {
        result.push_back(source);
    }
    return result;
}

std::optional<DataSource> Catalog::find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    if (const auto found = state_.sources.find(name); found != state_.sources.end()) {
        return found->second;
    }
    const auto found = std::find_if(state_.sources.begin(), state_.sources.end(),
                                    [&](const auto& entry) { return entry.second.id == name; });
    if (found == state_.sources.end()) {
        return std::nullopt;
    }
    return found->second;
}

std::vector<Intent> Catalog::intents() const {
    const std::lock_guard lock(mutex_);
    return state_.intents;
}

void Catalog::change(const std::function<void(CatalogState&)>& edit) {
    const std::lock_guard lock(mutex_);
    CatalogState next = state_;
    edit(next);
    save(next);
    state_ = std::move(next);
}

void Catalog::put(DataSource source) {
    change([&](CatalogState& state) {
        const std::string name = source.name;
        state.sources.insert_or_assign(name, std::move(source));
    });
}

void Catalog::touch(const std::string& id) {
    change([&](CatalogState& state) {
        for (auto& [name, source] : state.sources) {
            if (source.id == id) {
                source.updated_at = timestamp_now();
            }
        }
    });
}

std::shared_ptr<std::mutex> Catalog::write_lock(const std::string& name) {
    const std::lock_guard lock(mutex_);
    auto& entry = locks_[name];
    if (!entry) {
        entry = std::make_shared<std::mutex>();
    }
    return entry;
}

void Catalog::save(const CatalogState& state) const {
    Json items = Json::array();
    for (const auto& [name, source] : state.sources) {
        items.push_back(to_json(source));
    }
    Json intents = Json::array();
    for (const Intent& intent : state.intents) {
        intents.push_back(to_json(intent));
    }
    const std::filesystem::path next = file_.string() + ".next";
    {
        std::ofstream stream(next, std::ios::trunc);
        stream << Json{{"datasources", items}, {"intents", intents}}.dump(1, ' ', false, Json::error_handler_t::replace)
               << '\n';
        stream.flush();
        if (!stream) {
            throw errors::Error(fmt::format("can't write {}", next.string()), "Is the disk full?",
                                errors::ExitCode::temporary);
        }
    }
    std::filesystem::rename(next, file_);
}

}  // namespace tinybird_cdk::local
