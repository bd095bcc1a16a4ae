// SPDX-License-Identifier: Apache-2.0
#include "api.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

#include <fmt/format.h>

#include <tinybird_cdk/logger.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::bigquery {

namespace {

constexpr int unauthorised = 401;
constexpr int forbidden = 403;
constexpr int not_found = 404;

/// https://cloud.google.com/bigquery/docs/error-messages
bool may_pass(const Refusal& refusal) {
    constexpr std::array<std::string_view, 6> reasons{"backendError",     "internalError",     "jobBackendError",
                                                      "jobInternalError", "rateLimitExceeded", "jobRateLimitExceeded"};
    for (const std::string_view reason : reasons) {
        if (refusal.reason == reason) {
            return true;
        }
    }
    return refusal.status == 408 || refusal.status == 429 || refusal.status >= 500;
}

/// Whether a job ended for its `jobTimeoutMs`. Google answers "stopped" for that as for a job that somebody cancelled
/// (https://cloud.google.com/bigquery/docs/running-queries#set_query_timeout), so its text has to tell.
bool has_timed_out(const Refusal& refusal) {
    return refusal.reason == "timeout" ||
           (refusal.reason == "stopped" && refusal.message.find("timed out") != std::string::npos);
}

/// A limit of the next seconds, which Google answers 403 for, and asks to come back
/// (https://cloud.google.com/bigquery/docs/troubleshoot-quotas).
bool is_rate_limit(const Refusal& refusal) {
    return refusal.status == forbidden &&
           (refusal.reason == "rateLimitExceeded" || refusal.reason == "jobRateLimitExceeded");
}

/// A job that failed by such a limit gives the same answer for ever.
RetryPolicy of_limits(RetryPolicy policy) {
    constexpr std::chrono::minutes longest{2};
    policy.rate_limit_budget = std::min<std::chrono::milliseconds>(policy.rate_limit_budget, longest);
    return policy;
}

double random_jitter() {
    thread_local std::mt19937 generator{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(generator);
}

/// Whether it is an error of the kit's own SQL, for a value that its place can't hold.
bool is_refused_value(const Refusal& refusal) {
    return refusal.message.find(refused_mark) != std::string::npos;
}

std::string hint_for(const Refusal& refusal) {
    if (refusal.status == unauthorised) {
        return "Check the credentials.";
    }
    if (is_refused_value(refusal) && refusal.message.find(null_mark) != std::string::npos) {
        return "Make the column Nullable, or replace NULL in the query (COALESCE). An array has no place for NULL: "
               "leave it out there.";
    }
    if (is_refused_value(refusal)) {
        return "Load it directly (--via direct), where --on says what becomes of values that don't fit, or leave them "
               "out in the query.";
    }
    if (refusal.reason == "stopped") {
        return "Somebody else has cancelled the job.";
    }
    if (refusal.reason == "quotaExceeded") {
        return "A quota of the project or of who asks is used up (https://cloud.google.com/bigquery/quotas): wait, or "
               "have it raised.";
    }
    if (refusal.reason == "responseTooLarge") {
        return "Results above 10 GB go by the bucket only: set GCS_BUCKET, and load with --via bucket. A wildcard "
               "table "
               "does not go there: load its tables one by one.";
    }
    if (refusal.message.find("without a filter over column") != std::string::npos) {
        return "The owner of the table lets nobody read it without such a condition: pass --query, with one in its "
               "WHERE.";
    }
    if (refusal.message.find("Drive credentials") != std::string::npos) {
        return "What is queried is a file of Google Drive, as a sheet is, and the kit asks for no rights there. Copy "
               "it "
               "into a table (CREATE TABLE … AS SELECT …), and read that.";
    }
    if (refusal.reason == "accessDenied") {
        return "These credentials need the roles roles/bigquery.jobUser in the project that pays, and "
               "roles/bigquery.dataViewer for the data.";
    }
    if (refusal.reason == "notFound" || refusal.status == not_found) {
        return "Check the names, and BIGQUERY_LOCATION if it is set.";
    }
    return {};
}

}  // namespace

Refusal refusal_of(const rest::Answer& answer) {
    Refusal refusal{.reason = {}, .message = {}, .status = answer.status};
    try {
        const Value document = answer.json();
        refusal.message = rest::text_at(document, {"error", "message"});
        const Value* const list = rest::field_at(document, {"error", "errors"});
        const auto* const each = list == nullptr ? nullptr : std::get_if<Value::List>(&list->variant());
        if (each != nullptr && !each->empty()) {
            refusal.reason = rest::text_at(each->front(), {"reason"});
        }
    } catch (const errors::ExternalDatasourceError&) {
        // A proxy's page, or nothing at all: the status has to do.
        refusal.message.clear();
    }
    if (refusal.message.empty()) {
        refusal.message = fmt::format("the server answered {}", answer.status);
    }
    return refusal;
}

errors::ExternalDatasourceError error_of(const Refusal& refusal, const std::string& what, const std::string& link) {
    const bool timed_out = has_timed_out(refusal);
    const bool temporary = timed_out || may_pass(refusal);
    std::string hint = timed_out   ? "Run it again, give it longer (--statement-timeout), or let the query read less."
                       : temporary ? "Run it again."
                                   : hint_for(refusal);
    if (!link.empty()) {
        hint += (hint.empty() ? "The job: " : " The job: ") + link;
    }
    const std::string reason = refusal.reason.empty() ? std::string() : fmt::format(" ({})", refusal.reason);
    const errors::ExitCode code = temporary                   ? errors::ExitCode::temporary
                                  : is_refused_value(refusal) ? errors::ExitCode::data_refused
                                                              : errors::ExitCode::bad_input;
    return errors::ExternalDatasourceError(fmt::format("BigQuery: {}: {}{}", what, refusal.message, reason),
                                           refusal.reason, hint, code);
}

Value document_of(const rest::Answer& answer, const std::string& what) {
    try {
        return answer.json();
    } catch (const errors::ExternalDatasourceError& error) {
        throw errors::ExternalDatasourceError(
            fmt::format("BigQuery: {}: {}", what, error.what()), {},
            "Look for a proxy that asks for a login, and check BIGQUERY_EMULATOR_HOST if it is set.");
    }
}

std::string part(std::string_view name) {
    std::string text;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        text += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return text;
}

Api::Api(const Environment& environment, const cloud::ClientOptions& options)
    : settings_(settings_from(environment)),
      policy_(of_limits(options.retry)),
      jitter_(options.jitter ? options.jitter : random_jitter),
      client_("BigQuery", options, settings_.ca_file) {
    if (!settings_.emulated) {
        credentials_.emplace(environment);
    }
}

rest::Answer Api::send(std::string_view method, const std::string& path, const Query& query, const std::string& body,
                       const std::stop_token& stop) {
    const rest::Call call{.method = std::string(method),
                          .url = settings_.endpoint + "/bigquery/v2/" + path,
                          .query = query,
                          .body = body,
                          .repeatable = true,
                          .stop = stop};
    Outcome limited;
    limited.status = 429;
    limited.idempotent = true;
    RetryState tries;
    for (;;) {
        rest::Answer answer = send_once(call);
        if (answer.status != forbidden || !is_rate_limit(refusal_of(answer))) {
            return answer;
        }
        const Decision decision = decide(policy_, tries, limited, jitter_());
        if (decision.action != Decision::Action::retry) {
            return answer;
        }
        logger::info(
            fmt::format("BigQuery: {}: asked again in {} ms", refusal_of(answer).message, decision.delay.count()));
        if (!clock().sleep(decision.delay, stop)) {
            throw errors::InterruptedError();
        }
    }
}

rest::Answer Api::send_once(const rest::Call& anonymous) {
    if (!credentials_) {
        return client_.send(anonymous);
    }
    rest::Call call = anonymous;
    const std::stop_token& stop = anonymous.stop;
    if (const std::string payer = credentials_->quota_project(stop); !payer.empty()) {
        call.headers.emplace_back("X-Goog-User-Project", payer);
    }
    call.headers.emplace_back("Authorization", std::string());
    const auto ask = [&](const Secret& token) {
        call.headers.back().second = "Bearer " + token.reveal();
        return client_.send(call);
    };
    const Secret token = credentials_->token(stop);
    rest::Answer answer = ask(token);
    if (answer.status == unauthorised) {
        // Tokens can be revoked before they expire.
        credentials_->discard(token);
        answer = ask(credentials_->token(stop));
    }
    return answer;
}

Value Api::get(const std::string& path, const Query& query, const std::string& what, const std::stop_token& stop) {
    const rest::Answer answer = send("GET", path, query, {}, stop);
    if (!answer.ok()) {
        throw error_of(refusal_of(answer), what);
    }
    return document_of(answer, what);
}

std::vector<Value> Api::list(const std::string& path, std::string_view items, const std::string& what,
                             const std::stop_token& stop) {
    constexpr const char* page_size = "1000";
    std::vector<Value> all;
    Query query{{"maxResults", page_size}};
    for (;;) {
        const Value page = get(path, query, what, stop);
        const Value* const list = rest::field_at(page, {items});
        if (const auto* const values = list == nullptr ? nullptr : std::get_if<Value::List>(&list->variant())) {
            all.insert(all.end(), values->begin(), values->end());
        }
        const std::string next = rest::text_at(page, {"nextPageToken"});
        if (next.empty()) {
            return all;
        }
        query = {{"maxResults", page_size}, {"pageToken", next}};
    }
}

}  // namespace tinybird_cdk::bigquery
