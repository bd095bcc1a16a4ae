// SPDX-License-Identifier: Apache-2.0
#include "local/events/inferred_schema.hpp"

#include <algorithm>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/ids.hpp"
#include "local/answers.hpp"
#include "local/ingest/ndjson_reader.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_events = 1'000;
constexpr std::size_t most_columns = 500;
constexpr int deepest = 8;

/// Keeps the first events whole.
class Sample final : public ingest::RecordSink {
public:
    void record(std::span<const ingest::Field> fields, std::size_t /*size*/) override {
        if (events.size() >= most_events) {
            return;
        }
        Json event = Json::parse(fields.front().text, nullptr, false);
        if (event.is_object()) {
            events.push_back(std::move(event));
        }
    }
    void unreadable(const std::string& /*reason*/) override {}

    std::vector<Json> events;
};

/// A field of the events that becomes a column.
struct Place {
    std::string jsonpath;
    std::size_t present = 0;
    bool is_array = false;
    bool is_text = false;  ///< what has no type of its own is kept as its JSON
};

class Places {
public:
    /// @return the event with all columns on its first level
    Json flatten(const Json& event) {
        Json flat = Json::object();
        add(event, "", "", 0, flat);
        return flat;
    }
    [[nodiscard]] const std::vector<std::pair<std::string, Place>>& all() const noexcept { return places_; }
    [[nodiscard]] const Place* find(const std::string& column) const {
        const auto found =
            std::find_if(places_.begin(), places_.end(), [&](const auto& e) { return e.first == column; });
        return found == places_.end() ? nullptr : &found->second;
    }

private:
    // NOLINTNEXTLINE(misc-no-recursion): not deeper than `deepest`
    void add(const Json& object, const std::string& prefix, const std::string& path, int depth, Json& flat) {
        for (const auto& [name, value] : object.items()) {
            const std::string whole = schema::jsonpath_of(name);
            const bool plain = whole == "$." + name;
            // Only plain names can be told apart deeper down.
            const std::string here = path.empty() ? whole : fmt::format("{}.{}", path, name);
            const auto odd = [](const auto& item) { return schema::jsonpath_of(item) != "$." + item; };
            bool opened = value.is_object() && !value.empty() && plain && depth < deepest;
            for (auto item = value.begin(); opened && item != value.end(); ++item) {
                opened = !odd(item.key());
            }
            if (opened) {
                add(value, prefix + name + "_", here, depth + 1, flat);
            } else {
                put(schema::data_source_name(prefix + name), here, value, flat);
            }
        }
    }

    void put(const std::string& wanted, const std::string& path, const Json& value, Json& flat) {
        const bool is_array = value.is_array() && std::none_of(value.begin(), value.end(),
                                                               [](const Json& item) { return item.is_structured(); });
        auto known = columns_.find(path);
        if (known == columns_.end()) {
            if (places_.size() >= most_columns) {
                throw Refusal(400, fmt::format("the events have more than {} fields: create the data source first",
                                               most_columns));
            }
            std::string column = wanted;
            for (int i = 2; find(column) != nullptr; ++i) {
                column = fmt::format("{}_{}", wanted, i);
            }
            known = columns_.emplace(path, places_.size()).first;
            places_.emplace_back(column, Place{path, 0, is_array, false});
        }
        auto& [column, place] = places_[known->second];
        place.is_text = place.is_text || (value.is_structured() && !is_array);
        if (value.is_null()) {
            return;
        }
        ++place.present;
        flat[column] = place.is_text ? Json(value.dump(-1, ' ', false, Json::error_handler_t::replace)) : value;
    }

    std::map<std::string, std::size_t> columns_;  // by path
    std::vector<std::pair<std::string, Place>> places_;
};

/// Lines as a file that the engine can read, gone with the object.
class LinesFile {
public:
    LinesFile(const std::filesystem::path& folder, const std::vector<Json>& lines)
        : path_(folder / ("events_" + core::random_hex(16) + ".ndjson")) {
        std::ofstream file(path_, std::ios::binary);
        for (const Json& line : lines) {
            file << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
        }
        if (!file.flush()) {
            throw Refusal(503, "the disk is full: the data source could not be created");
        }
    }
    LinesFile(const LinesFile&) = delete;
    LinesFile& operator=(const LinesFile&) = delete;
    ~LinesFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    const std::filesystem::path path_;
};

/// As ClickHouse guesses them.
std::map<std::string, schema::Type> types_of(Engine& engine, const std::filesystem::path& scratch,
                                             const std::vector<Json>& events) {
    const LinesFile file(scratch, events);
    const Json described = Json::parse(engine.run(
        fmt::format("DESCRIBE TABLE file({}, 'JSONEachRow') SETTINGS "
                    "schema_inference_make_columns_nullable = 0, input_format_json_read_arrays_as_strings = 0, "
                    "input_format_json_read_numbers_as_strings = 1, "
                    "input_format_json_infer_incomplete_types_as_strings = 1, "
                    "input_format_max_rows_to_read_for_schema_inference = {}",
                    literal(file.path()), most_events),
        "JSON"));
    std::map<std::string, schema::Type> types;
    for (const Json& row : described.at("data")) {
        types.emplace(row.at("name").get<std::string>(), schema::Type::parse(row.at("type").get<std::string>()));
    }
    return types;
}

}  // namespace

std::vector<schema::Column> inferred_columns(Engine& engine, const std::filesystem::path& scratch,
                                             std::string_view body) {
    Sample sample;
    schema::Column whole;
    whole.name = "event";
    whole.jsonpath = "$";
    ingest::NdjsonReader reader({whole}, sample);
    reader.write(body);
    reader.finish();
    Places places;
    std::vector<Json> flat;
    flat.reserve(sample.events.size());
    for (const Json& event : sample.events) {
        flat.push_back(places.flatten(event));
    }
    if (places.all().empty()) {
        throw Refusal(400,
                      "there is no data source of this name, and no JSON object with fields in the body to make "
                      "one from");
    }
    const auto types = types_of(engine, scratch, flat);
    std::vector<schema::Column> columns;
    for (const auto& [name, place] : places.all()) {
        schema::Column column;
        column.name = name;
        const auto type = types.find(name);
        column.type = place.is_text || type == types.end() ? schema::String() : type->second;
        const bool is_array = column.type.kind() == schema::Kind::array;
        column.jsonpath = place.jsonpath + (is_array ? "[:]" : "");
        if (!is_array && place.present < flat.size()) {
            column.type = column.type.with_nullable(true);
        }
        columns.push_back(std::move(column));
    }
    return columns;
}

}  // namespace tinybird_cdk::local
