// SPDX-License-Identifier: Apache-2.0
#include "local/schema_guess.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "local/answers.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

using schema::Kind;

std::string_view engine_format(ImportFormat format) noexcept {
    switch (format) {
        case ImportFormat::csv:
            return "CSV";
        case ImportFormat::ndjson:
            return "JSONEachRow";
        case ImportFormat::parquet:
            return "Parquet";
    }
    return "";
}

/// What a column can hold for sure: what has no plain type is kept as its text.
schema::Type kept_type(const schema::Type& type) {
    switch (type.kind()) {
        case Kind::array: {
            const Kind element = type.arguments().at(0).kind();
            const bool plain = element != Kind::array && element != Kind::tuple && element != Kind::map &&
                               element != Kind::json && element != Kind::other;
            return plain ? type : schema::String();
        }
        case Kind::tuple:
        case Kind::map:
        case Kind::json:
        case Kind::other:
            return schema::String();
        default:
            return type;
    }
}

class Guess {
public:
    Guess(ImportFormat format, bool types_too) : format_(format), types_too_(types_too) {}

    void add(const std::string& name, const std::string& path, const schema::Type& type) {
        if (format_ == ImportFormat::ndjson && type.kind() == Kind::tuple && !type.names().empty()) {
            for (std::size_t i = 0; i < type.names().size(); ++i) {
                add(name + "_" + type.names()[i], path + schema::jsonpath_of(type.names()[i]).substr(1),
                    type.arguments()[i]);
            }
            return;
        }
        schema::Column column;
        column.name = schema::data_source_name(name);
        column.type = types_too_ ? kept_type(type) : schema::String().with_nullable(type.nullable());
        if (format_ != ImportFormat::csv) {
            column.jsonpath = path + (column.type.kind() == Kind::array ? "[:]" : "");
        }
        while (std::any_of(columns.begin(), columns.end(),
                           [&](const schema::Column& other) { return other.name == column.name; })) {
            column.name += "_";
        }
        columns.push_back(std::move(column));
    }

    std::vector<schema::Column> columns;

private:
    const ImportFormat format_;
    const bool types_too_;
};

}  // namespace

std::vector<schema::Column> guess_schema(Engine& engine, const std::filesystem::path& file, ImportFormat format,
                                         const ingest::CsvDialect& dialect, bool types_too) {
    const std::string sql = fmt::format(
        "DESCRIBE TABLE file({}, '{}') SETTINGS schema_inference_make_columns_nullable = 'auto', format_csv_delimiter "
        "= {}",
        literal(file.string()), engine_format(format), literal(std::string(1, dialect.delimiter)));
    nlohmann::json described;
    try {
        described = nlohmann::json::parse(engine.run(sql, "JSON"));
    } catch (const chdb::EngineError& error) {
        throw Refusal(400,
                      fmt::format("the schema can't be guessed, name it in the parameter schema: {}", error.what()));
    }
    Guess guess(format, types_too);
    for (const auto& row : described.at("data")) {
        const std::string name = row.at("name");
        guess.add(name, schema::jsonpath_of(name), schema::Type::parse(row.at("type").get<std::string>()));
    }
    return guess.columns;
}

}  // namespace tinybird_cdk::local
