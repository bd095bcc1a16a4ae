// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "core/text.hpp"
#include "local/access/rules.hpp"
#include "local/server.hpp"
#include "local/sql_guard.hpp"
#include "local/sql_parameters.hpp"
#include "local/sql_text.hpp"

/// https://www.tinybird.co/docs/api-reference/query-api
namespace tinybird_cdk::local {

namespace {

constexpr std::size_t largest_sql = 1U << 20U;
constexpr int unknown_table = 60;

std::string content_type_of(const std::string& format) {
    const std::string name = core::to_lower(format);
    if (name.empty() || name == "json" || name == "jsonstrings" || name.starts_with("jsoncompact") ||
        name == "jsoncolumns" || name == "jsonobjecteachrow" || name == "jsoncolumnswithmetadata") {
        const bool lines = name.ends_with("eachrow") && name != "jsonobjecteachrow";
        return lines ? "application/x-ndjson; charset=utf-8" : "application/json; charset=utf-8";
    }
    if (name.starts_with("csv")) {
        return "text/csv; charset=utf-8";
    }
    if (name.starts_with("tsv") || name.starts_with("tabseparated")) {
        return "text/tab-separated-values; charset=utf-8";
    }
    if (name.starts_with("json") || name == "ndjson" || name == "jsonlines") {
        return "application/x-ndjson; charset=utf-8";
    }
    if (name == "parquet") {
        return "application/vnd.apache.parquet";
    }
    if (name == "prometheus") {
        return "text/plain; version=0.0.4; charset=utf-8";
    }
    if (name == "markdown") {
        return "text/markdown; charset=utf-8";
    }
    constexpr std::array<std::string_view, 6> bytes{"arrow", "arrowstream", "native", "rowbinary", "orc", "avro"};
    if (std::any_of(bytes.begin(), bytes.end(), [&](std::string_view each) { return name.starts_with(each); })) {
        return "application/octet-stream";
    }
    return "text/plain; charset=utf-8";
}

std::string first_word(std::string_view sql) {
    for (const Token& token : tokens_of(sql)) {
        if (token.kind == Token::Kind::symbol && token.text == "(") {
            continue;
        }
        return token.kind == Token::Kind::identifier ? core::to_lower(token.text) : std::string();
    }
    return {};
}

/// USE would stay with a connection that others get, SHOW and EXISTS tell of other databases, and the engine takes them
/// for harmless. Where the first word begins no statement at all, its parser has more to say.
bool begins_another_statement(std::string_view sql) {
    constexpr std::array<std::string_view, 36> words{
        "alter",  "attach",   "backup",   "begin",    "call",    "check",   "commit", "copy",     "create",
        "delete", "detach",   "drop",     "exchange", "execute", "exists",  "grant",  "insert",   "kill",
        "move",   "optimize", "parallel", "rename",   "replace", "restore", "revoke", "rollback", "set",
        "show",   "start",    "system",   "truncate", "undrop",  "update",  "use",    "values",   "watch"};
    return std::find(words.begin(), words.end(), first_word(sql)) != words.end();
}

/// What the check of tables is made for.
bool is_select(std::string_view sql) {
    const std::string word = first_word(sql);
    return word == "select" || word == "with" || word == "from";
}

/// The settings of the output that the API gives to its callers; all others are the server's.
std::string settings_of(const std::map<std::string, std::string>& parameters) {
    constexpr std::array<const char*, 3> names{"output_format_json_quote_64bit_integers",
                                               "output_format_json_quote_denormals",
                                               "output_format_parquet_string_as_string"};
    std::vector<std::string> settings;
    for (const char* name : names) {
        const auto found = parameters.find(name);
        if (found == parameters.end()) {
            continue;
        }
        const bool yes = found->second == "1" || found->second == "true";
        if (!yes && found->second != "0" && found->second != "false") {
            throw Refusal(400, fmt::format("{} is 0 or 1, not \"{}\"", name, found->second));
        }
        settings.push_back(fmt::format("{} = {}", name, yes ? 1 : 0));
    }
    return fmt::format("{}", fmt::join(settings, ", "));
}

void check(Services& services, const Call& call, const std::string& sql) {
    if (core::trim(sql).empty()) {
        throw Refusal(400, "the query is empty: send it as the parameter q or as the body");
    }
    if (core::trim(sql).starts_with('%')) {
        throw Refusal(400, "templates (a first line %) are not served by the local Tinybird: send plain SQL");
    }
    if (const auto reason = forbidden_part(sql)) {
        throw Refusal(403, *reason);
    }
    if (begins_another_statement(sql) || (!call.caller->is_admin() && !is_select(sql))) {
        throw Refusal(403, "only SELECT is allowed");
    }
    check_tables(sql, *call.caller, services.catalog);
}

/// "Unknown table expression identifier 'events' in scope …"
Answer unknown_table_answer(const chdb::EngineError& error) {
    const std::string_view text = error.what();
    const std::size_t begin = text.find('\'');
    const std::size_t end = begin == std::string_view::npos ? begin : text.find('\'', begin + 1);
    Answer answer =
        error_answer(404, end == std::string_view::npos
                              ? std::string(text)
                              : fmt::format("Resource '{}' not found", text.substr(begin + 1, end - begin - 1)));
    answer.headers["X-DB-Exception-Code"] = std::to_string(error.code());
    return answer;
}

Answer run(Services& services, const Call& call, const std::string& text,
           const std::map<std::string, std::string>& parameters) {
    if (parameters.contains("pipeline")) {
        throw Refusal(404, "pipes are not served by the local Tinybird: leave pipeline out");
    }
    const std::string sql = with_parameters(text, [&](const std::string& name) -> std::optional<std::string> {
        for (const std::string& key : {"param_" + name, name}) {
            if (const auto found = parameters.find(key); found != parameters.end()) {
                return found->second;
            }
        }
        return std::nullopt;
    });
    check(services, call, sql);
    const std::string settings = settings_of(parameters);
    const Engine::Lease reader = settings.empty() ? services.engine.reader() : services.engine.reader(settings);
    const chdb::QueryAnalysis analysis = reader->classify(sql);
    if (analysis.statement_count > 1) {
        throw Refusal(400, "several statements in one query are not allowed");
    }
    if (analysis.query_class != chdb::class_read_only && analysis.statement_count == 1) {
        throw Refusal(403, "only SELECT is allowed");
    }
    // What does not parse is run too: the engine's own message tells where it is wrong.
    try {
        Answer answer;
        answer.body = reader->query(sql, "JSON");
        answer.content_type = content_type_of(format_of(sql));
        return answer;
    } catch (const chdb::EngineError& error) {
        if (error.code() == unknown_table) {
            return unknown_table_answer(error);
        }
        throw;
    }
}

/// SQL may have = and & itself; a form begins with a name.
bool is_form(std::string_view body) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    const std::size_t equals = body.find('=');
    if (equals == std::string_view::npos ||
        !std::all_of(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(equals), is_word)) {
        return false;
    }
    return body.starts_with("q=") || body.find("&q=") != std::string_view::npos;
}

/// Reads {"q": …, "name": value}. @return false when it is none
bool read_json(std::string_view body, std::map<std::string, std::string>& parameters) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (!json.is_object() || !json.contains("q") || !json.at("q").is_string()) {
        return false;
    }
    for (const auto& [name, value] : json.items()) {
        if (value.is_boolean()) {
            parameters.insert_or_assign(name, value.get<bool>() ? "1" : "0");
        } else if (!value.is_null()) {
            parameters.insert_or_assign(name, value.is_string() ? value.get<std::string>() : value.dump());
        }
    }
    return true;
}

/// The query is the parameter q, a form, JSON, or the body itself.
Answer post(Services& services, Call& call) {
    const std::string body = call.body(largest_sql);
    if (const auto query = call.parameter("q"); query && !query->empty()) {
        return run(services, call, *query, call.parameters);
    }
    if (core::trim(body).starts_with('{') && read_json(body, call.parameters)) {
        return run(services, call, call.parameters.at("q"), call.parameters);
    }
    if (is_form(body)) {
        call.add_form(body);
        return run(services, call, call.parameter("q").value_or(""), call.parameters);
    }
    return run(services, call, body, call.parameters);
}

}  // namespace

void add_sql_routes(Router& router, Services& services) {
    router.add("GET", "/v0/sql",
               [&](Call& call) { return run(services, call, call.parameter("q").value_or(""), call.parameters); });
    router.add("POST", "/v0/sql", [&](Call& call) { return post(services, call); });
}

}  // namespace tinybird_cdk::local
