// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/text.hpp"
#include "local/server.hpp"
#include "local/sql_guard.hpp"
#include "local/sql_text.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr std::size_t largest_sql = 1U << 20U;

std::string content_type_of(const std::string& format) {
    if (format.empty() || format == "JSON" || format == "JSONCompact") {
        return "application/json; charset=utf-8";
    }
    if (format.starts_with("CSV")) {
        return "text/csv; charset=utf-8";
    }
    if (format == "JSONEachRow") {
        return "application/x-ndjson; charset=utf-8";
    }
    if (format == "Parquet") {
        return "application/vnd.apache.parquet";
    }
    return "text/plain; charset=utf-8";
}

/// USE would stay with a connection that others get, SHOW and EXISTS tell of other databases, and the engine takes them
/// for harmless. Where the first word begins no statement at all, its parser has more to say.
bool begins_another_statement(std::string_view sql) {
    constexpr std::array<std::string_view, 36> words{
        "alter",  "attach",   "backup",   "begin",    "call",    "check",   "commit", "copy",     "create",
        "delete", "detach",   "drop",     "exchange", "execute", "exists",  "grant",  "insert",   "kill",
        "move",   "optimize", "parallel", "rename",   "replace", "restore", "revoke", "rollback", "set",
        "show",   "start",    "system",   "truncate", "undrop",  "update",  "use",    "values",   "watch"};
    for (const Token& token : tokens_of(sql)) {
        if (token.kind == Token::Kind::symbol && token.text == "(") {
            continue;
        }
        return token.kind == Token::Kind::identifier &&
               std::find(words.begin(), words.end(), core::to_lower(token.text)) != words.end();
    }
    return true;
}

Answer run(Services& services, const std::string& sql) {
    if (core::trim(sql).empty()) {
        return error_answer(400, "the query is empty");
    }
    if (core::trim(sql).starts_with('%')) {
        return error_answer(400, "templates (a first line %) are not served by the local Tinybird: send plain SQL");
    }
    if (const auto reason = forbidden_part(sql)) {
        return error_answer(403, *reason);
    }
    if (begins_another_statement(sql)) {
        return error_answer(403, "only SELECT is allowed");
    }
    const Engine::Lease reader = services.engine.reader();
    const chdb::QueryAnalysis analysis = reader->classify(sql);
    if (analysis.statement_count > 1) {
        return error_answer(400, "several statements in one query are not allowed");
    }
    if (analysis.query_class != chdb::class_read_only && analysis.statement_count == 1) {
        return error_answer(403, "only SELECT is allowed");
    }
    // What does not parse is run too: the engine's own message tells where it is wrong.
    Answer answer;
    answer.body = reader->query(sql, "JSON");
    answer.content_type = content_type_of(format_of(sql));
    return answer;
}

std::string with_pipeline(std::string sql, const Call& call) {
    if (call.parameter("pipeline")) {
        throw Refusal(404, "pipes are not served by the local Tinybird");
    }
    return sql;
}

}  // namespace

void add_sql_routes(Router& router, Services& services) {
    router.add("GET", "/v0/sql",
               [&](Call& call) { return run(services, with_pipeline(call.parameter("q").value_or(""), call)); });
    router.add("POST", "/v0/sql", [&](Call& call) {
        const std::string body = call.body(largest_sql);
        const auto query = call.parameter("q");
        if (query && !query->empty()) {
            return run(services, with_pipeline(*query, call));
        }
        // A JSON body {"q": …}, a form q=…, or the SQL itself.
        if (core::trim(body).starts_with('{')) {
            const auto json = nlohmann::json::parse(body, nullptr, false);
            if (json.is_object() && json.contains("q") && json.at("q").is_string()) {
                return run(services, with_pipeline(json.at("q"), call));
            }
        }
        if (body.starts_with("q=")) {
            return run(services, with_pipeline(core::url_decode(body.substr(2), true).value_or(body), call));
        }
        return run(services, with_pipeline(body, call));
    });
}

}  // namespace tinybird_cdk::local
