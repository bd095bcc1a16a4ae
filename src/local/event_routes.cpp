// SPDX-License-Identifier: Apache-2.0
#include "core/ids.hpp"
#include "local/import.hpp"
#include "local/server.hpp"

namespace tinybird_cdk::local {

namespace {

/// Events are an append of NDJSON that is answered when it is stored, so `wait` changes only the status.
Answer post_events(Services& services, Call& call) {
    const std::string name = call.parameter("name").value_or("");
    if (name.empty()) {
        throw Refusal(400, "the parameter name is missing");
    }
    call.captured = {name};
    const DataSource source = data_source_of(services, call);
    ImportRequest request;
    request.format = ImportFormat::ndjson;
    request.id = core::random_hex(24);
    Import import_run(services.engine, services.catalog, source, request, services.scratch);
    if (!call.stream_body([&](std::string_view piece) { import_run.write(piece); })) {
        throw Refusal(400, "the body is not complete: nothing was imported");
    }
    const ImportResult result = import_run.commit();
    services.metrics.count_events(result.rows, result.quarantined + result.invalid_lines);
    return json_answer(
        {{"successful_rows", result.rows}, {"quarantined_rows", result.quarantined + result.invalid_lines}},
        call.parameter("wait") == "true" ? 200 : 202);
}

}  // namespace

void add_event_routes(Router& router, Services& services) {
    router.add("POST", "/v0/events", [&](Call& call) { return post_events(services, call); });
}

}  // namespace tinybird_cdk::local
