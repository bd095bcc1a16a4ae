// SPDX-License-Identifier: Apache-2.0
#include "local/catalog.hpp"

#include <algorithm>
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
    source.created_at = json.at("created_at");
    source.updated_at = json.at("updated_at");
    return source;
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
            sources_.emplace(source.name, std::move(source));
        }
    } catch (const Json::exception& error) {
        throw errors::Error(fmt::format("{} is damaged: {}", file_.string(), error.what()),
                            "Choose another --data-dir, or remove this one to begin anew.");
    }
}

std::vector<DataSource> Catalog::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<DataSource> result;
    for (const auto& [name, source] : sources_) {
        result.push_back(source);
    }
    return result;
}

std::optional<DataSource> Catalog::find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(sources_.begin(), sources_.end(),
                                    [&](const auto& entry) { return entry.first == name || entry.second.id == name; });
    if (found == sources_.end()) {
        return std::nullopt;
    }
    return found->second;
}

void Catalog::put(DataSource source) {
    const std::lock_guard lock(mutex_);
    const std::string name = source.name;
    sources_.insert_or_assign(name, std::move(source));
    save();
}

void Catalog::remove(const std::string& name) {
    const std::lock_guard lock(mutex_);
    sources_.erase(name);
    save();
}

void Catalog::touch(const std::string& id) {
    const std::lock_guard lock(mutex_);
    for (auto& [name, source] : sources_) {
        if (source.id == id) {
            source.updated_at = timestamp_now();
            save();
        }
    }
}

std::shared_ptr<std::mutex> Catalog::write_lock(const std::string& name) {
    const std::lock_guard lock(mutex_);
    auto& entry = locks_[name];
    if (!entry) {
        entry = std::make_shared<std::mutex>();
    }
    return entry;
}

void Catalog::save() const {
    Json items = Json::array();
    for (const auto& [name, source] : sources_) {
        items.push_back(to_json(source));
    }
    const std::filesystem::path next = file_.string() + ".next";
    {
        std::ofstream stream(next, std::ios::trunc);
        stream << Json{{"datasources", items}}.dump(1, ' ', false, Json::error_handler_t::replace) << '\n';
        stream.flush();
        if (!stream) {
            throw errors::Error(fmt::format("can't write {}", next.string()), "Is the disk full?",
                                errors::ExitCode::temporary);
        }
    }
    std::filesystem::rename(next, file_);
}

}  // namespace tinybird_cdk::local
