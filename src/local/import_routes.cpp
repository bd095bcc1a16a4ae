// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/import.hpp"
#include "local/schema_text.hpp"
#include "local/server.hpp"
#include "local/sql_guard.hpp"
#include "local/sql_text.hpp"
#include "local/url_source.hpp"

namespace tinybird_cdk::local {

namespace {

ImportFormat format_of(const Call& call) {
    std::string name = core::to_lower(call.parameter("format").value_or(""));
    const std::string type = call.header("content-type");
    if (name.empty() && type.starts_with("application/x-ndjson")) {
        name = "ndjson";
    } else if (name.empty() && type.starts_with("application/vnd.apache.parquet")) {
        name = "parquet";
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

ImportRequest request_of(const Call& call, bool replace) {
    ImportRequest request;
    request.replace = replace;
    request.format = format_of(call);
    request.id = core::random_hex(24);
    if (const auto delimiter = call.parameter("dialect_delimiter"); delimiter && !delimiter->empty()) {
        request.dialect.delimiter = delimiter->front();
    }
    if (const auto escape = call.parameter("dialect_escapechar"); escape && !escape->empty()) {
        throw Refusal(400, "dialect_escapechar is not served by the local Tinybird: double the quotes instead");
    }
    return request;
}

/// A condition goes into a statement of the server's own, so it must be one expression that reads no other place.
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

nlohmann::json job_of(Services& services, const DataSource& source, const ImportRequest& request,
                      const ImportResult& result) {
    const Storage::Size size = services.storage.size(source.name);
    return {{"id", request.id},
            {"job_id", request.id},
            {"import_id", request.id},
            {"kind", "import"},
            {"status", "done"},
            {"mode", request.replace ? "replace" : "append"},
            {"created_at", timestamp_now()},
            {"updated_at", timestamp_now()},
            {"started_at", timestamp_now()},
            {"job_url", services.endpoint + "/v0/jobs/" + request.id},
            {"is_cancellable", false},
            {"datasource", {{"id", source.id}, {"name", source.name}}},
            {"statistics", {{"row_count", size.rows}, {"bytes", size.bytes}}},
            {"progress_percentage", 100},
            {"invalid_lines", result.invalid_lines},
            {"quarantine_rows", result.quarantined},
            {"block_log", nlohmann::json::array({{{"block_id", "0"}, {"status", "done"}}})},
            {"blocks",
             nlohmann::json::array({{{"block_id", "0"},
                                     {"processing_time", 0},
                                     {"process_return", nlohmann::json::array({{{"lines", result.rows},
                                                                                {"parser", "native"},
                                                                                {"quarantine", result.quarantined},
                                                                                {"time", 0},
                                                                                {"invalid_lines", result.invalid_lines},
                                                                                {"empty_lines", 0},
                                                                                {"bytes", 0}}})}}})},
            {"errors", result.errors}};
}

struct Outcome {
    ImportRequest request;
    ImportResult result;
};

/// Streams the body into a staged import and commits it. A client that goes away leaves nothing.
Outcome import_body(Services& services, Call& call, const DataSource& source, bool replace) {
    ImportRequest request = request_of(call, replace);
    request.replace_condition = call.parameter("replace_condition").value_or("");
    check_condition(services, source, request.replace_condition);
    Import import_run(services.engine, services.catalog, source, request, services.scratch);
    const auto write = [&](std::string_view piece) { import_run.write(piece); };
    if (const auto url = call.parameter("url")) {
        stream_url(*url, write);
    } else if (!call.stream_body(write)) {
        throw Refusal(400, "the body is not complete: nothing was imported");
    }
    // A form may name the condition behind the file.
    if (const auto late = call.parameter("replace_condition"); late && *late != request.replace_condition) {
        throw Refusal(400, "replace_condition must come before the file of a form, or in the URL");
    }
    Outcome outcome{request, import_run.commit()};
    return outcome;
}

Answer import_v1(Services& services, Call& call, bool replace) {
    const DataSource source = data_source_of(services, call);
    const Outcome outcome = import_body(services, call, source, replace);
    const nlohmann::json job = job_of(services, source, outcome.request, outcome.result);
    services.jobs.put(job);
    return json_answer({{"id", outcome.request.id},
                        {"job_id", outcome.request.id},
                        {"import_id", outcome.request.id},
                        {"job_url", job.at("job_url")},
                        {"status", "waiting"},
                        {"datasource", job.at("datasource")}},
                       202);
}

Answer create(Services& services, Call& call) {
    const auto schema_text = call.parameter("schema");
    const std::string name = call.parameter("name").value_or("");
    if (name.empty() || name != schema::data_source_name(name)) {
        throw Refusal(400,
                      fmt::format("\"{}\" is no name for a data source: use letters, digits and underscores", name));
    }
    if (services.catalog.find(name)) {
        throw Refusal(409, fmt::format("there is already a data source \"{}\"", name));
    }
    if (!schema_text || core::trim(*schema_text).empty()) {
        throw Refusal(400, "the parameter schema is missing: the local Tinybird guesses no schemas");
    }
    DataSource source;
    source.id = "t_" + core::random_hex(32);
    source.name = name;
    source.description = call.parameter("description").value_or("");
    source.columns = parse_schema(*schema_text);
    source.engine = call.parameter("engine").value_or("MergeTree");
    source.sorting_key = call.parameter("engine_sorting_key").value_or("");
    if (source.sorting_key.empty()) {
        source.sorting_key = "tuple()";
    }
    source.partition_key = call.parameter("engine_partition_key").value_or("");
    source.created_at = timestamp_now();
    source.updated_at = source.created_at;
    services.storage.create(source);
    return json_answer({{"datasource", description_of(services, source)},
                        {"import_id", nullptr},
                        {"invalid_lines", 0},
                        {"quarantine_rows", 0},
                        {"error", false}});
}

Answer post_v0(Services& services, Call& call) {
    if (call.header("content-type").starts_with("application/x-www-form-urlencoded")) {
        call.read_form();
    }
    const std::string mode = call.parameter("mode").value_or("create");
    if (mode == "create") {
        if (!call.header("content-type").starts_with("application/x-www-form-urlencoded")) {
            call.stream_body([](std::string_view) {});
        }
        return create(services, call);
    }
    if (mode != "append" && mode != "replace") {
        throw Refusal(400, fmt::format("there is no mode \"{}\": use create, append or replace", mode));
    }
    call.captured = {call.parameter("name").value_or("")};
    const DataSource source = data_source_of(services, call);
    const Outcome outcome = import_body(services, call, source, mode == "replace");
    nlohmann::json job = job_of(services, source, outcome.request, outcome.result);
    services.jobs.put(job);
    if (call.parameter("url")) {
        // As with Tinybird, clients wait for the job; here it is done before they ask.
        job["status"] = "waiting";
        return json_answer(job, 201);
    }
    const bool rejected = outcome.result.quarantined > 0 || outcome.result.invalid_lines > 0;
    nlohmann::json answer = {{"import_id", outcome.request.id},
                             {"datasource", description_of(services, source)},
                             {"blocks", job.at("blocks")},
                             {"block_log", job.at("block_log")},
                             {"invalid_lines", outcome.result.invalid_lines},
                             {"quarantine_rows", outcome.result.quarantined},
                             {"error", false}};
    if (rejected) {
        answer["error"] = fmt::format("There are {} rows in quarantine and {} invalid lines in the imported data",
                                      outcome.result.quarantined, outcome.result.invalid_lines);
        answer["errors"] = outcome.result.errors;
    }
    return json_answer(answer);
}

}  // namespace

void add_import_routes(Router& router, Services& services) {
    router.add("POST", "/v0/datasources", [&](Call& call) { return post_v0(services, call); });
    router.add("POST", "/v1/datasources/:/append", [&](Call& call) { return import_v1(services, call, false); });
    router.add("POST", "/v1/datasources/:/replace", [&](Call& call) { return import_v1(services, call, true); });
}

}  // namespace tinybird_cdk::local
