// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include <tinybird_cdk/schema.hpp>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/schema_text.hpp"
#include "local/server.hpp"
#include "local/sql_guard.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

Answer list_all(Services& services) {
    nlohmann::json list = nlohmann::json::array();
    for (const DataSource& source : services.catalog.all()) {
        list.push_back(description_of(services, source));
    }
    return json_answer({{"datasources", list}});
}

Answer describe(Services& services, Call& call) {
    constexpr std::string_view suffix = ".datasource";
    std::string& name = call.captured.at(0);
    if (name.size() > suffix.size() && name.ends_with(suffix) && !services.catalog.find(name)) {
        name.resize(name.size() - suffix.size());
        const DataSource source = data_source_of(services, call);
        schema::Schema schema;
        schema.columns = source.columns;
        schema.engine = source.engine;
        schema.partition_key = source.partition_key;
        Answer answer;
        answer.body = schema.to_datafile(source.description);
        // Tinybird's own clients compare this to the letter.
        answer.content_type = "text/plain";
        return answer;
    }
    return json_answer(description_of(services, data_source_of(services, call)));
}

Answer drop(Services& services, Call& call) {
    const DataSource source = data_source_of(services, call);
    if (call.parameter("dry_run") == "true") {
        return json_answer({{"dependent_pipes", nlohmann::json::array()}});
    }
    const auto lock = services.catalog.write_lock(source.name);
    const std::lock_guard guard(*lock);
    services.storage.drop(source);
    Answer answer;
    answer.status = 204;
    return answer;
}

Answer truncate(Services& services, Call& call) {
    const DataSource source = data_source_of(services, call);
    const auto lock = services.catalog.write_lock(source.name);
    const std::lock_guard guard(*lock);
    services.storage.truncate(source);
    Answer answer;
    answer.status = 205;
    return answer;
}

/// The condition of a delete, in parentheses: it goes into a statement of the server's own.
std::string delete_condition_of(Services& services, const DataSource& source, const Call& call) {
    const std::string condition = call.parameter("delete_condition").value_or("");
    if (core::trim(condition).empty()) {
        throw Refusal(400, "the parameter delete_condition is missing");
    }
    if (const auto reason = forbidden_in_condition(condition)) {
        throw Refusal(400, fmt::format("delete_condition: {}", *reason));
    }
    // On a line of its own, for a comment at its end must not take the parenthesis.
    std::string wrapped = fmt::format("({}\n)", condition);
    const std::string probe = fmt::format("SELECT count() FROM {} WHERE {}", identifier(source.name), wrapped);
    const Engine::Lease reader = services.engine.reader();
    const chdb::QueryAnalysis analysis = reader->classify(probe);
    if (analysis.statement_count != 1 || analysis.query_class != chdb::class_read_only) {
        throw Refusal(400, "delete_condition: it is not one SQL condition");
    }
    reader->query(probe + " LIMIT 0");
    return wrapped;
}

std::uint64_t rows_selected(Services& services, const DataSource& source, const std::string& condition) {
    const std::string text = services.engine.reader()->query(
        fmt::format("SELECT count() FROM {} WHERE {}", identifier(source.name), condition), "TabSeparated");
    return std::stoull(text);
}

nlohmann::json delete_job(Services& services, const DataSource& source, const std::string& condition,
                          std::uint64_t rows) {
    const std::string id = core::random_hex(24);
    nlohmann::json job = {{"id", id},
                          {"job_id", id},
                          {"kind", "delete_data"},
                          {"status", "done"},
                          {"created_at", timestamp_now()},
                          {"updated_at", timestamp_now()},
                          {"job_url", services.endpoint + "/v0/jobs/" + id},
                          {"delete_id", id},
                          {"is_cancellable", false},
                          {"delete_condition", condition},
                          {"rows_affected", rows},
                          {"datasource", {{"id", source.id}, {"name", source.name}}}};
    services.jobs.put(job);
    return job;
}

Answer delete_rows(Services& services, Call& call) {
    const DataSource source = data_source_of(services, call);
    call.read_form();
    const std::string condition = delete_condition_of(services, source, call);
    if (call.parameter("dry_run") == "true") {
        return json_answer({{"rows_to_be_deleted", rows_selected(services, source, condition)}});
    }
    const auto lock = services.catalog.write_lock(source.name);
    const std::lock_guard guard(*lock);
    const std::uint64_t rows = services.storage.delete_rows(source, condition);
    return json_answer(delete_job(services, source, call.parameter("delete_condition").value_or(""), rows), 201);
}

/// The newer delete: with wait=true its answer counts, else there is a job. `projection_mode` has nothing to act on.
Answer delete_rows_v1(Services& services, Call& call) {
    const DataSource source = data_source_of(services, call);
    call.read_form();
    if (call.parameter("partition")) {
        throw Refusal(400, "partition is not served by the local Tinybird: name the rows in delete_condition");
    }
    const std::string condition = delete_condition_of(services, source, call);
    const auto lock = services.catalog.write_lock(source.name);
    const std::lock_guard guard(*lock);
    const std::uint64_t rows = services.storage.delete_rows(source, condition);
    nlohmann::json answer = delete_job(services, source, call.parameter("delete_condition").value_or(""), rows);
    answer["mutation"] = {{"partitions_scanned", 0}, {"partitions_done", 0}, {"partitions_in_progress", 0}};
    return json_answer(answer, call.parameter("wait") == "true" ? 200 : 202);
}

Answer alter(Services& services, Call& call) {
    const DataSource source = data_source_of(services, call);
    call.read_form();
    const auto schema = call.parameter("schema");
    if (!schema) {
        return error_answer(400, "the parameter schema is missing");
    }
    const auto lock = services.catalog.write_lock(source.name);
    const std::lock_guard guard(*lock);
    services.storage.alter(source, parse_schema(*schema));
    return json_answer(
        {{"datasource", {{"id", source.id}, {"name", source.name}}}, {"operations", nlohmann::json::array()}});
}

/// Another name, another description, or both.
Answer change(Services& services, Call& call) {
    DataSource source = data_source_of(services, call);
    call.read_form();
    const auto lock = services.catalog.write_lock(source.name);
    const std::lock_guard guard(*lock);
    if (const auto description = call.parameter("description")) {
        source.description = *description;
        source.updated_at = timestamp_now();
        services.catalog.put(source);
    }
    const std::string name = call.parameter("name").value_or(source.name);
    if (name != source.name) {
        if (name != schema::data_source_name(name)) {
            return error_answer(
                400, fmt::format("\"{}\" is no name for a data source: use letters, digits and underscores", name));
        }
        if (services.catalog.find(name)) {
            return error_answer(409, fmt::format("there is already a data source \"{}\"", name));
        }
        services.storage.rename(source, name);
    }
    return json_answer(description_of(services, services.catalog.find(name).value_or(source)));
}

}  // namespace

void add_datasource_routes(Router& router, Services& services) {
    router.add("GET", "/v0/datasources", [&](Call&) { return list_all(services); });
    router.add("GET", "/v0/datasources/:", [&](Call& call) { return describe(services, call); });
    router.add("DELETE", "/v0/datasources/:", [&](Call& call) { return drop(services, call); });
    router.add("PUT", "/v0/datasources/:", [&](Call& call) { return change(services, call); });
    router.add("POST", "/v0/datasources/:/truncate", [&](Call& call) { return truncate(services, call); });
    router.add("POST", "/v0/datasources/:/delete", [&](Call& call) { return delete_rows(services, call); });
    router.add("POST", "/v1/datasources/:/delete", [&](Call& call) { return delete_rows_v1(services, call); });
    router.add("POST", "/v0/datasources/:/alter", [&](Call& call) { return alter(services, call); });
}

}  // namespace tinybird_cdk::local
