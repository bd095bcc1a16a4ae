// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/access/rules.hpp"
#include "local/held_source.hpp"
#include "local/server.hpp"
#include "local/sql_guard.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

/// The condition of a delete, in parentheses: it goes into a statement of the server's own.
std::string delete_condition_of(Services& services, const DataSource& source, const Call& call) {
    const std::string condition = call.parameter("delete_condition").value_or("");
    if (core::trim(condition).empty()) {
        throw Refusal(400, "the parameter delete_condition is missing");
    }
    if (const auto reason = forbidden_in_condition(condition)) {
        throw Refusal(400, fmt::format("delete_condition: {}", *reason));
    }
    check_tables(condition, *call.caller, services.catalog);
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
    const std::string now = timestamp_now();
    const Storage::Size size = services.storage.size(source.name);
    nlohmann::json job = {{"id", id},
                          {"job_id", id},
                          {"kind", "delete_data"},
                          {"status", "done"},
                          {"created_at", now},
                          {"started_at", now},
                          {"updated_at", now},
                          {"progress_percentage", 100},
                          {"job_url", services.endpoint + "/v0/jobs/" + id},
                          {"delete_id", id},
                          {"is_cancellable", false},
                          {"delete_condition", condition},
                          {"rows_affected", rows},
                          {"statistics", {{"row_count", size.rows}, {"bytes", size.bytes}}},
                          {"datasource", {{"id", source.id}, {"name", source.name}}}};
    services.jobs.put(job);
    return job;
}

Answer delete_rows(Services& services, Call& call) {
    call.read_form();
    if (call.parameter("dry_run") == "true") {
        const DataSource source = data_source_of(services, call);
        const std::string condition = delete_condition_of(services, source, call);
        return json_answer({{"rows_to_be_deleted", rows_selected(services, source, condition)}});
    }
    const HeldSource source(services, call);
    const std::string condition = delete_condition_of(services, *source, call);
    const std::uint64_t rows = services.storage.delete_rows(*source, condition);
    services.catalog.touch(source->id);
    return json_answer(delete_job(services, *source, call.parameter("delete_condition").value_or(""), rows), 201);
}

/// The newer delete: with wait=true its answer counts, else there is a job. `projection_mode` has nothing to act on.
Answer delete_rows_v1(Services& services, Call& call) {
    call.read_form();
    if (call.parameter("partition")) {
        throw Refusal(400, "partition is not served by the local Tinybird: name the rows in delete_condition");
    }
    const HeldSource source(services, call);
    const std::string condition = delete_condition_of(services, *source, call);
    const std::uint64_t rows = services.storage.delete_rows(*source, condition);
    services.catalog.touch(source->id);
    nlohmann::json answer = delete_job(services, *source, call.parameter("delete_condition").value_or(""), rows);
    answer["mutation"] = {{"partitions_scanned", 0}, {"partitions_done", 0}, {"partitions_in_progress", 0}};
    return json_answer(answer, call.parameter("wait") == "true" ? 200 : 202);
}

}  // namespace

void add_delete_routes(Router& router, Services& services) {
    router.add("POST", "/v0/datasources/:/delete", [&](Call& call) { return delete_rows(services, call); });
    router.add("POST", "/v1/datasources/:/delete", [&](Call& call) { return delete_rows_v1(services, call); });
}

}  // namespace tinybird_cdk::local
