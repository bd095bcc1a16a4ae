// SPDX-License-Identifier: Apache-2.0
#include "local/import_request.hpp"

#include <optional>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/sql_guard.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

/// "rows.csv.gz" → "csv"
std::string format_of_name(std::string_view name) {
    std::string lower = core::to_lower(name.substr(0, name.find_first_of("?#")));
    if (lower.ends_with(".gz")) {
        lower.resize(lower.size() - 3);
    }
    const std::size_t dot = lower.rfind('.');
    const std::string extension = dot == std::string::npos ? "" : lower.substr(dot + 1);
    return extension == "ndjson" || extension == "jsonl" || extension == "json" || extension == "parquet" ? extension
                                                                                                          : "";
}

ImportFormat format_of(const Call& call) {
    std::string name = core::to_lower(call.parameter("format").value_or(""));
    const std::string type = call.header("content-type");
    if (name.empty() && type.starts_with("application/x-ndjson")) {
        name = "ndjson";
    } else if (name.empty() && type.starts_with("application/vnd.apache.parquet")) {
        name = "parquet";
    }
    if (name.empty()) {
        name = format_of_name(call.parameter("url").value_or(call.file_name));
    }
    if (name == "ndjson" || name == "json" || name == "jsonl") {
        return ImportFormat::ndjson;
    }
    if (name == "parquet") {
        return ImportFormat::parquet;
    }
    if (name.empty() || name == "csv") {
        return ImportFormat::csv;
    }
    throw Refusal(400, fmt::format("there is no format \"{}\": use csv, ndjson or parquet", name));
}

/// One character, which may be written as \t, \n or \r.
std::optional<char> character_of(const Call& call, const std::string& parameter) {
    const auto text = call.parameter(parameter);
    if (!text || text->empty()) {
        return std::nullopt;
    }
    if (text->size() == 1) {
        return text->front();
    }
    if (*text == "\\t") {
        return '\t';
    }
    if (*text == "\\n" || *text == "\r\n" || *text == "\\r\\n") {
        return '\n';
    }
    if (*text == "\\r") {
        return '\r';
    }
    if (*text == "\\\\") {
        return '\\';
    }
    throw Refusal(400, fmt::format("{} must be one character, not \"{}\"", parameter, *text));
}

ingest::CsvDialect dialect_of(const Call& call) {
    ingest::CsvDialect dialect;
    dialect.delimiter = character_of(call, "dialect_delimiter").value_or(dialect.delimiter);
    dialect.new_line = character_of(call, "dialect_new_line").value_or(dialect.new_line);
    dialect.escape = character_of(call, "dialect_escapechar");
    if (dialect.escape == '"') {
        dialect.escape.reset();  // Doubled quotes are understood anyhow.
    }
    if (dialect.new_line != '\n' && dialect.new_line != '\r') {
        throw Refusal(400, "dialect_new_line must be a line break: \\n, \\r\\n or \\r");
    }
    if (dialect.delimiter == '"' || dialect.delimiter == dialect.new_line || dialect.delimiter == dialect.escape) {
        throw Refusal(400, "dialect_delimiter must be another character than quotes, line breaks and escapes");
    }
    return dialect;
}

}  // namespace

ImportRequest import_request_of(const Call& call, bool replace) {
    ImportRequest request;
    request.replace = replace;
    request.format = format_of(call);
    request.id = core::random_hex(24);
    request.dialect = dialect_of(call);
    request.replace_condition = call.parameter("replace_condition").value_or("");
    return request;
}

void check_condition(Services& services, const DataSource& source, const std::string& condition) {
    if (condition.empty()) {
        return;
    }
    const std::string probe = fmt::format("SELECT count() FROM {} WHERE ({})", identifier(source.name), condition);
    if (const auto reason = forbidden_part(probe)) {
        throw Refusal(400, fmt::format("replace_condition: {}", *reason));
    }
    const Engine::Lease reader = services.engine.reader();
    const chdb::QueryAnalysis analysis = reader->classify(probe);
    if (analysis.statement_count != 1 || analysis.query_class != chdb::class_read_only) {
        throw Refusal(400, "replace_condition is not one SQL condition");
    }
    // Whatever is wrong with it is told now and not after the upload.
    reader->query(fmt::format("SELECT count() FROM {} WHERE ({}) LIMIT 0", identifier(source.name), condition));
}

}  // namespace tinybird_cdk::local
