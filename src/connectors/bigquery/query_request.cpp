// SPDX-License-Identifier: Apache-2.0
#include "query_request.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

namespace tinybird_cdk::bigquery {

namespace {

/// https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfiguration
Value::Record configuration(const Settings& settings, Value::Record query) {
    query.emplace_back("useLegacySql", false);
    Value::Record record{{"query", Value(std::move(query))}};
    if (!settings.tag.empty()) {
        record.emplace_back("labels", Value::Record{{"tb_cdk_tag", settings.tag}});
    }
    return record;
}

Value::Record reference(const Settings& settings) {
    Value::Record record{{"projectId", settings.project}};
    if (!settings.location.empty()) {
        record.emplace_back("location", settings.location);
    }
    return record;
}

std::string request(Value::Record reference, Value::Record configuration) {
    return Value(Value::Record{{"jobReference", Value(std::move(reference))},
                               {"configuration", Value(std::move(configuration))}})
        .to_json();
}

/// https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobStatistics2
std::optional<std::uint64_t> bytes_of(const Value& document) {
    const std::string accuracy = rest::text_at(document, {"statistics", "query", "totalBytesProcessedAccuracy"});
    // At least so many bytes, 0 among them, says nothing of a result's size.
    const bool is_known = accuracy.empty() || accuracy == "PRECISE" || accuracy == "UPPER_BOUND";
    return is_known ? count_at(document, {"statistics", "query", "totalBytesProcessed"}) : std::nullopt;
}

rest::Answer dry_run(Api& api, const std::string& statement, const std::stop_token& stop) {
    // With the cache, a query that somebody has run before reads nothing, however large its result is.
    Value::Record run = configuration(api.settings(), {{"query", statement}, {"useQueryCache", false}});
    run.emplace_back("dryRun", true);
    return api.send("POST", jobs_path(api.settings()), {}, request(reference(api.settings()), std::move(run)), stop);
}

}  // namespace

std::string jobs_path(const Settings& settings) {
    return fmt::format("projects/{}/jobs", part(settings.project));
}

std::optional<std::uint64_t> count_at(const Value& value, std::initializer_list<std::string_view> path) {
    const std::string text = rest::text_at(value, path);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string run_request(const Settings& settings, const std::string& id, const std::string& query,
                        std::optional<std::chrono::milliseconds> timeout) {
    Value::Record run = configuration(settings, {{"query", query}});
    if (timeout) {
        run.emplace_back("jobTimeoutMs", fmt::format("{}", timeout->count()));
    }
    Value::Record name = reference(settings);
    name.emplace_back("jobId", id);
    return request(std::move(name), std::move(run));
}

Described describe(Api& api, const std::string& query, const std::stop_token& stop) {
    const rest::Answer answer = dry_run(api, query, stop);
    if (!answer.ok()) {
        throw error_of(refusal_of(answer), cant_run);
    }
    const Value document = document_of(answer, cant_run);
    const std::string statement = rest::text_at(document, {"statistics", "query", "statementType"});
    if (statement != "SELECT") {
        throw errors::InvalidArgument(
            fmt::format("the statement is no SELECT, but {}",
                        statement.empty() ? "of a kind that BigQuery does not say" : statement),
            "The connector reads and never writes: pass a SELECT.");
    }
    const Value* const schema = rest::field_at(document, {"statistics", "query", "schema"});
    if (schema == nullptr) {
        throw errors::ExternalDatasourceError("BigQuery does not say which columns the query has");
    }
    return {.fields = fields_of(*schema),
            .bytes_processed = bytes_of(document),
            .location = rest::text_at(document, {"jobReference", "location"})};
}

std::string why_refused(Api& api, const std::string& statement, const std::stop_token& stop) {
    const rest::Answer answer = dry_run(api, statement, stop);
    if (answer.ok()) {
        return {};
    }
    Refusal refusal = refusal_of(answer);
    if (errors::ExternalDatasourceError error = error_of(refusal, cant_run); error.retryable()) {
        throw error;
    }
    return std::move(refusal.message);
}

}  // namespace tinybird_cdk::bigquery
