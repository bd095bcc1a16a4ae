// SPDX-License-Identifier: Apache-2.0
#include "job.hpp"

#include <charconv>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::bigquery {

namespace {

constexpr const char* cant_run = "the query can't be run";
/// How long a question for the end of a job may wait at the server. A stop ends it at once.
constexpr const char* patience = "10000";

std::string jobs_path(const Settings& settings) {
    return fmt::format("projects/{}/jobs", part(settings.project));
}

/// https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfiguration
Value::Record configuration(const Settings& settings, const std::string& query) {
    Value::Record record{{"query", Value::Record{{"query", query}, {"useLegacySql", false}}}};
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

std::uint64_t number_at(const Value& value, std::initializer_list<std::string_view> path) {
    const std::string text = rest::text_at(value, path);
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

Described describe(Api& api, const std::string& query, const std::stop_token& stop) {
    Value::Record run = configuration(api.settings(), query);
    run.emplace_back("dryRun", true);
    const Value request(
        Value::Record{{"jobReference", reference(api.settings())}, {"configuration", Value(std::move(run))}});
    const rest::Answer answer = api.send("POST", jobs_path(api.settings()), {}, request.to_json(), stop);
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
            .bytes_processed = number_at(document, {"statistics", "query", "totalBytesProcessed"}),
            .location = rest::text_at(document, {"jobReference", "location"})};
}

Job::Job(Api& api, std::string id, const std::string& query, std::optional<std::chrono::milliseconds> timeout,
         const std::stop_token& stop, const std::string& location)
    : api_(api), id_(std::move(id)), location_(api.settings().location.empty() ? location : api.settings().location) {
    try {
        insert(query, timeout, stop);
    } catch (...) {
        // The answer may be lost of a job that runs.
        cancel();
        throw;
    }
}

Job::~Job() {
    cancel();
}

void Job::insert(const std::string& query, std::optional<std::chrono::milliseconds> timeout,
                 const std::stop_token& stop) {
    Value::Record run = configuration(api_.settings(), query);
    if (timeout) {
        run.emplace_back("jobTimeoutMs", fmt::format("{}", timeout->count()));
    }
    Value::Record name = reference(api_.settings());
    name.emplace_back("jobId", id_);
    const Value request(
        Value::Record{{"jobReference", Value(std::move(name))}, {"configuration", Value(std::move(run))}});
    const rest::Answer answer = api_.send("POST", jobs_path(api_.settings()), {}, request.to_json(), stop);
    constexpr int conflict = 409;
    if (answer.status == conflict) {
        // The id is random: this is the same request, of which the first answer was lost.
        return;
    }
    if (!answer.ok()) {
        ended_ = answer.status < 500;
        throw error_of(refusal_of(answer), cant_run);
    }
    if (std::string location = rest::text_at(document_of(answer, cant_run), {"jobReference", "location"});
        !location.empty()) {
        location_ = std::move(location);
    }
}

Value Job::page(const char* rows, const std::string& token, const std::stop_token& stop) {
    const std::string path = fmt::format("projects/{}/queries/{}", part(api_.settings().project), part(id_));
    Api::Query query{{"maxResults", rows}, {"timeoutMs", patience}, {"formatOptions.useInt64Timestamp", "true"}};
    if (!location_.empty()) {
        query.emplace_back("location", location_);
    }
    if (!token.empty()) {
        query.emplace_back("pageToken", token);
    }
    for (;;) {
        const rest::Answer answer = api_.send("GET", path, query, {}, stop);
        if (!answer.ok()) {
            const Refusal refusal = refusal_of(answer);
            // A job that failed mostly answers 400. A token that has run out, or rights that were taken away, look like
            // other failures of a job, which then still runs; to cancel one that does not is no harm.
            constexpr int bad_request = 400;
            ended_ = answer.status == bad_request;
            throw error_of(refusal, "the query failed", link());
        }
        Value page = document_of(answer, "the query failed");
        const std::string complete = rest::text_at(page, {"jobComplete"});
        if (complete == "true") {
            ended_ = true;
            has_result_ = true;
            return page;
        }
        if (complete != "false") {
            throw errors::ExternalDatasourceError("BigQuery does not say whether the query has ended", {},
                                                  "The job: " + link());
        }
    }
}

std::uint64_t Job::wait(const std::stop_token& stop) {
    return number_at(page("0", {}, stop), {"totalRows"});
}

void Job::read(const TakeRows& take, const std::stop_token& stop) {
    const std::string rows_wanted = fmt::format("{}", rows_of_a_page);
    std::string next;
    std::uint64_t wanted = 0;
    std::uint64_t given = 0;
    do {
        const Value result = page(rows_wanted.c_str(), next, stop);
        wanted = number_at(result, {"totalRows"});
        const Value* const list = rest::field_at(result, {"rows"});
        const auto* const rows = list == nullptr ? nullptr : std::get_if<Value::List>(&list->variant());
        if (rows != nullptr && !take(*rows)) {
            return;
        }
        given += rows == nullptr ? 0 : rows->size();
        next = rest::text_at(result, {"pageToken"});
    } while (!next.empty());
    if (given != wanted) {
        throw errors::ExternalDatasourceError(
            fmt::format("BigQuery: the result has {} rows, and its pages gave {}", wanted, given), {},
            "Run it again. The job: " + link(), errors::ExitCode::temporary);
    }
}

Value Job::description(const std::stop_token& stop) const {
    return api_.get(fmt::format("{}/{}", jobs_path(api_.settings()), part(id_)), where(), "the job can't be described",
                    stop);
}

std::string Job::result_table(const std::stop_token& stop) const {
    const Value job = description(stop);
    const auto name = [&](std::string_view of) {
        std::string text = rest::text_at(job, {"configuration", "query", "destinationTable", of});
        if (text.empty()) {
            throw errors::ExternalDatasourceError("BigQuery does not say which table has the result", {},
                                                  "The job: " + link());
        }
        return text;
    };
    return fmt::format("projects/{}/datasets/{}/tables/{}", name("projectId"), name("datasetId"), name("tableId"));
}

Exported Job::wait_for_export(const std::stop_token& stop) {
    wait(stop);
    const Value document = description(stop);
    const std::initializer_list<std::string_view> rows{"statistics", "query", "exportDataStatistics", "rowCount"};
    const std::initializer_list<std::string_view> files{"statistics", "query", "exportDataStatistics", "fileCount"};
    if (rest::field_at(document, rows) == nullptr) {
        throw errors::ExternalDatasourceError("BigQuery does not say how many rows it has written", {},
                                              "The job: " + link());
    }
    Exported exported{.rows = number_at(document, rows)};
    if (rest::field_at(document, files) != nullptr) {
        exported.objects = number_at(document, files);
    }
    return exported;
}

Api::Query Job::where() const {
    return location_.empty() ? Api::Query() : Api::Query{{"location", location_}};
}

std::string Job::link() const {
    return fmt::format("https://console.cloud.google.com/bigquery?project={}&j=bq:{}:{}&page=queryresults",
                       part(api_.settings().project), location_, id_);
}

void Job::cancel_and_wait() {
    constexpr int most_looks = 60;
    constexpr std::chrono::milliseconds between_looks{500};
    constexpr int not_found = 404;
    const std::string path = fmt::format("{}/{}", jobs_path(api_.settings()), part(id_));
    const rest::Answer answer = api_.send("POST", path + "/cancel", where(), {}, {});
    if (answer.status == not_found) {
        return;
    }
    if (!answer.ok()) {
        throw error_of(refusal_of(answer), fmt::format("job {}", id_));
    }
    for (int look = 0; look < most_looks; ++look) {
        const Value job = api_.get(path, where(), fmt::format("job {}", id_), {});
        if (rest::text_at(job, {"status", "state"}) == "DONE") {
            logger::info(fmt::format("BigQuery: job {} has ended", id_));
            return;
        }
        api_.clock().sleep(between_looks, {});
    }
    throw errors::ExternalDatasourceError(fmt::format("BigQuery: job {} was cancelled and still runs", id_));
}

void Job::cancel() noexcept {
    if (std::exchange(ended_, true)) {
        return;
    }
    try {
        cancel_and_wait();
    } catch (const std::exception& error) {
        try {
            logger::warning(fmt::format(
                "BigQuery: job {} could not be cancelled, so it may go on, and what it writes then stays: {}", id_,
                error.what()));
        } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for the warning either
        }
    }
}

}  // namespace tinybird_cdk::bigquery
