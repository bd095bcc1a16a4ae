// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "local/data_source_creation.hpp"
#include "local/import.hpp"
#include "local/import_body.hpp"
#include "local/import_request.hpp"
#include "local/server.hpp"

namespace tinybird_cdk::local {

namespace {

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
                                                                                {"converted_lines", result.converted},
                                                                                {"empty_lines", 0},
                                                                                {"bytes", 0}}})}}})},
            {"errors", result.errors}};
}

/// Without its query, which signs it: whoever may see jobs need not be let into the store.
void name_url(nlohmann::json& job, const std::optional<std::string>& url) {
    if (url && !url->empty()) {
        job["url"] = url->substr(0, url->find('?'));
    }
}

struct Outcome {
    DataSource source;
    ImportRequest request;
    ImportResult result;
};

const std::vector<std::string> settled_parameters{
    "mode", "name", "format", "dialect_delimiter", "dialect_new_line", "dialect_escapechar"};

std::unique_ptr<Import> begin_import(Services& services, const DataSource& source, const ImportRequest& request) {
    check_condition(services, source, request.replace_condition);
    return std::make_unique<Import>(services.engine, services.catalog, source, request, services.scratch);
}

/// A form may name the condition behind its file.
ImportResult commit_import(Services& services, const Call& call, const DataSource& source, ImportRequest& request,
                           Import& import_run) {
    const std::string condition = call.parameter("replace_condition").value_or("");
    if (condition != request.replace_condition) {
        check_condition(services, source, condition);
        request.replace_condition = condition;
        import_run.set_replace_condition(condition);
    }
    return import_run.commit();
}

Answer import_v1(Services& services, Call& call, bool replace) {
    if (call.parameter("url")) {
        call.read_form();
    }
    Outcome outcome{data_source_of(services, call), {}, {}};
    std::unique_ptr<Import> import_run;
    read_import(call, {[&] { return call.parameter("format").has_value(); }, settled_parameters,
                       [&] {
                           outcome.request = import_request_of(call, replace);
                           import_run = begin_import(services, outcome.source, outcome.request);
                           return [&](std::string_view piece) { import_run->write(piece); };
                       }});
    outcome.result = commit_import(services, call, outcome.source, outcome.request, *import_run);
    services.metrics.count_import(outcome.result.rows, outcome.result.quarantined, outcome.result.invalid_lines);
    nlohmann::json job = job_of(services, outcome.source, outcome.request, outcome.result);
    name_url(job, call.parameter("url"));
    services.jobs.put(job);
    return json_answer({{"id", outcome.request.id},
                        {"job_id", outcome.request.id},
                        {"import_id", outcome.request.id},
                        {"job_url", job.at("job_url")},
                        {"status", "waiting"},
                        {"datasource", job.at("datasource")}},
                       202);
}

/// Fields of an answer for a data source that was created without data.
Answer created_answer(Services& services, const DataSource& source) {
    return json_answer({{"datasource", description_of(services, source)},
                        {"import_id", nullptr},
                        {"invalid_lines", 0},
                        {"quarantine_rows", 0},
                        {"error", false}});
}

Answer imported_answer(Services& services, const Outcome& outcome, const std::optional<std::string>& url) {
    const ImportResult& result = outcome.result;
    nlohmann::json job = job_of(services, outcome.source, outcome.request, result);
    name_url(job, url);
    services.jobs.put(job);
    if (url) {
        // As with Tinybird, clients wait for the job; here it is done before they ask.
        job["status"] = "waiting";
        return json_answer(job, 201);
    }
    // Clients read one set of these counters or the other.
    nlohmann::json answer = {{"id", outcome.request.id},
                             {"import_id", outcome.request.id},
                             {"datasource", description_of(services, outcome.source)},
                             {"blocks", job.at("blocks")},
                             {"block_log", job.at("block_log")},
                             {"invalid_lines", result.invalid_lines},
                             {"quarantine_rows", result.quarantined},
                             {"successful_rows", result.rows},
                             {"quarantined_rows", result.quarantined + result.invalid_lines},
                             {"error", false}};
    if (result.quarantined > 0 || result.invalid_lines > 0) {
        answer["error"] = fmt::format("There are {} rows in quarantine and {} invalid lines in the imported data",
                                      result.quarantined, result.invalid_lines);
        answer["errors"] = result.errors;
    }
    return json_answer(answer);
}

Answer post_v0(Services& services, Call& call) {
    if (call.header("content-type").starts_with("application/x-www-form-urlencoded")) {
        call.read_form();
    }
    Outcome outcome;
    std::unique_ptr<Import> import_run;
    std::unique_ptr<DataSourceCreation> creation;
    const auto begin = [&]() -> std::function<void(std::string_view)> {
        const std::string mode = call.parameter("mode").value_or("create");
        if (mode != "create" && mode != "append" && mode != "replace") {
            throw Refusal(400, fmt::format("there is no mode \"{}\": use create, append or replace", mode));
        }
        const std::string name = call.parameter("name").value_or("");
        // An append makes the data source that it lacks.
        if (mode == "create" || (mode == "append" && !name.empty() && !services.catalog.find(name))) {
            // A form may have named another data source than the one that was asked for.
            if (call.permit) {
                call.permit(call);
            }
            creation = std::make_unique<DataSourceCreation>(services, call);
            return [&](std::string_view piece) { creation->write(piece); };
        }
        call.captured = {name};
        outcome.source = data_source_of(services, call);
        outcome.request = import_request_of(call, mode == "replace");
        import_run = begin_import(services, outcome.source, outcome.request);
        return [&](std::string_view piece) { import_run->write(piece); };
    };
    const auto ready = [&] {
        return call.parameter("mode").value_or("create") != "create" && call.parameter("name") &&
               call.parameter("format");
    };
    read_import(call, {ready, settled_parameters, begin});
    if (!creation) {
        outcome.result = commit_import(services, call, outcome.source, outcome.request, *import_run);
    } else {
        outcome.source = creation->create();
        if (creation->empty()) {
            return created_answer(services, outcome.source);
        }
        outcome.request = creation->request();
        outcome.result = creation->import_data();
    }
    services.metrics.count_import(outcome.result.rows, outcome.result.quarantined, outcome.result.invalid_lines);
    return imported_answer(services, outcome, call.parameter("url"));
}

}  // namespace

void add_import_routes(Router& router, Services& services) {
    router.add("POST", "/v0/datasources", [&](Call& call) { return post_v0(services, call); });
    router.add("POST", "/v1/datasources/:/append", [&](Call& call) { return import_v1(services, call, false); });
    router.add("POST", "/v1/datasources/:/replace", [&](Call& call) { return import_v1(services, call, true); });
}

}  // namespace tinybird_cdk::local
