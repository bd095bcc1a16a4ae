// SPDX-License-Identifier: Apache-2.0
#include "local/server.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/text.hpp"
#include "local/access/rules.hpp"
#include "local/import_switch.hpp"
#include "local/operation/access_log.hpp"
#include "local/sql_text.hpp"
#include "local/table_text.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr std::string_view bearer = "Bearer ";

std::string secret_of(const Call& call) {
    const std::string authorization = call.header("authorization");
    if (core::starts_with_ignoring_case(authorization, bearer)) {
        return std::string(core::trim(std::string_view(authorization).substr(bearer.size())));
    }
    return call.parameter("token").value_or("");
}

/// The host of a Host header, without its port.
std::string_view host_of(std::string_view header) {
    if (header.starts_with('[')) {
        return header.substr(0, header.find(']') + 1);
    }
    return header.substr(0, header.find(':'));
}

std::filesystem::path made(std::filesystem::path directory) {
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
    return directory;
}

}  // namespace

Server::Server(const Options& options, const std::filesystem::path& library)
    : engine_(library, options.data_directory / "clickhouse", options.most_memory),
      catalog_(options.data_directory / "datasources.json"),
      storage_(engine_, catalog_),
      events_(engine_, catalog_, options.data_directory / "scratch", options.event_buffer),
      jobs_(options.data_directory / "jobs.ndjson"),
      tokens_(options.data_directory / "tokens.json", options.token),
      services_{.engine = engine_,
                .catalog = catalog_,
                .storage = storage_,
                .events = events_,
                .jobs = jobs_,
                .linkers = linkers_,
                .tokens = tokens_,
                .metrics = metrics_,
                .scratch = made(options.data_directory / "scratch"),
                .workspace_id = "local",
                .token = options.token,
                .endpoint = {}},
      loopback_only_(options.is_loopback()),
      http_([this](const Call& call) { return check(call); }, [this](Call& call) { return answer(call); },
            [this, quiet = options.quiet, format = options.log_format](const Exchange& exchange) {
                metrics_.count(exchange);
                if (!quiet) {
                    log_access(exchange, format);
                }
            }) {
    storage_.recover();
    recover_imports(engine_, import_journal(services_.scratch));
    add_import_routes(router_, services_);
    add_analyze_routes(router_, services_);
    add_datasource_routes(router_, services_);
    add_delete_routes(router_, services_);
    add_event_routes(router_, services_);
    add_job_routes(router_, services_);
    add_operation_routes(router_, services_, [this] { return http_.open_connections(); });
    add_page_routes(router_);
    add_sql_routes(router_, services_);
    add_token_routes(router_, services_);
    add_workspace_routes(router_, services_);
    const int port = http_.bind(options.host, options.port);
    services_.endpoint = fmt::format("http://{}:{}", options.url_host(), port);
}

bool Server::needs_token(const Call& call) const {
    // Tokens and metrics are given to whoever is on this machine, and to nobody else.
    return !is_open(call.path) || (!loopback_only_ && (call.path == "/tokens" || call.path == "/metrics"));
}

/// A page of another site can make a browser send requests here, and simple ones are sent unasked.
std::optional<Answer> Server::check_origin(const Call& call) const {
    if (call.method == "GET" || call.method == "HEAD") {
        return std::nullopt;
    }
    const std::string origin = core::to_lower(call.header("origin"));
    const std::size_t scheme = origin.find("://");
    const bool own = scheme != std::string::npos && origin.substr(scheme + 3) == core::to_lower(call.header("host"));
    if ((!origin.empty() && !own) || core::to_lower(call.header("sec-fetch-site")) == "cross-site") {
        return error_answer(403, fmt::format("requests of pages of another site are refused (Origin: {})",
                                             origin.empty() ? "none" : origin));
    }
    return std::nullopt;
}

void Server::stop() {
    // What was taken is written when the last request is answered.
    events_.close();
    http_.stop();
}

std::optional<Answer> Server::check(const Call& call) const {
    // A page of another site can make a browser call us by a name that it resolves to this machine (DNS rebinding).
    if (loopback_only_) {
        const std::string host = core::to_lower(host_of(call.header("host")));
        if (host != "localhost" && host != "127.0.0.1" && host != "[::1]") {
            return error_answer(403, fmt::format("the host \"{}\" is not served", host));
        }
    }
    if (auto refused = check_origin(call)) {
        return refused;
    }
    if (!needs_token(call)) {
        return std::nullopt;
    }
    const std::string secret = secret_of(call);
    if (secret.empty()) {
        return error_answer(403,
                            "auth token is missing: send it as \"Authorization: Bearer …\" or as the parameter token");
    }
    const auto token = tokens_.find_secret(secret);
    if (!token) {
        return error_answer(403, "invalid authentication token: this local Tinybird does not know it");
    }
    if (const auto reason = refusal_of(call, *token, catalog_)) {
        return error_answer(403, *reason);
    }
    return std::nullopt;
}

Answer Server::answer(Call& call) {
    call.caller = tokens_.find_secret(secret_of(call));
    if (call.caller) {
        call.permit = [this](const Call& again) {
            if (const auto reason = refusal_of(again, *again.caller, catalog_)) {
                throw Refusal(403, *reason);
            }
        };
    } else if (needs_token(call)) {
        // Taken back a moment ago.
        return error_answer(403, "invalid authentication token: this local Tinybird does not know it");
    }
    return router_.dispatch(call);
}

DataSource data_source_of(const Services& services, const Call& call) {
    const std::string& name = call.captured.at(0);
    if (call.permit) {
        call.permit(call);
    }
    if (auto source = services.catalog.find(name)) {
        return *std::move(source);
    }
    throw Refusal(404, fmt::format("Data Source \"{}\" does not exist", name));
}

namespace {

/// As Tinybird's command line writes a schema, and compares it, blanks apart.
std::string sql_schema_of(const DataSource& source) {
    std::vector<std::string> columns;
    for (const schema::Column& column : source.columns) {
        std::string text = fmt::format("{} {}", identifier(column.name), column.type.to_string());
        if (!column.jsonpath.empty()) {
            text += fmt::format(" `json:{}`", column.jsonpath);
        }
        if (!column.default_expr.empty()) {
            text += " DEFAULT " + column.default_expr;
        }
        columns.push_back(std::move(text));
    }
    return fmt::format("{}", fmt::join(columns, ", "));
}

}  // namespace

nlohmann::json description_of(Services& services, const DataSource& source) {
    nlohmann::json columns = nlohmann::json::array();
    for (const schema::Column& column : source.columns) {
        columns.push_back(
            {{"name", column.name},
             {"type", column.type.with_nullable(false).to_string()},
             {"nullable", column.type.nullable()},
             {"normalized_name", column.name},
             {"codec", nullptr},
             {"default_value",
              column.default_expr.empty() ? nlohmann::json(nullptr) : nlohmann::json("DEFAULT " + column.default_expr)},
             {"jsonpath", column.jsonpath.empty() ? nlohmann::json(nullptr) : nlohmann::json(column.jsonpath)},
             {"auto", false}});
    }
    const EngineParts parts = parts_of_engine(source.engine);
    nlohmann::json engine = {{"engine", parts.name},
                             {"engine_sorting_key", source.sorting_key},
                             {"engine_partition_key", source.partition_key},
                             {"engine_primary_key", source.sorting_key}};
    if (!source.ttl.empty()) {
        engine["ttl"] = source.ttl;
        engine["engine_ttl"] = source.ttl;
    }
    for (const auto& [option, value] : parts.options) {
        engine[option] = value;
    }
    const Storage::Size size = services.storage.size(source.name);
    const Storage::Size quarantine = services.storage.size(source.name + "_quarantine");
    return {{"id", source.id},
            {"name", source.name},
            {"description", source.description},
            {"type", columns.empty() || source.columns.front().jsonpath.empty() ? "csv" : "ndjson"},
            {"cluster", "local"},
            {"tags", nlohmann::json::object()},
            {"created_at", source.created_at},
            {"updated_at", source.updated_at},
            {"replicated", false},
            {"version", 0},
            {"project", nullptr},
            {"headers", nlohmann::json::object()},
            {"shared_with", nlohmann::json::array()},
            {"engine", engine},
            {"columns", columns},
            {"schema", {{"sql_schema", sql_schema_of(source)}}},
            {"indexes", nlohmann::json::array()},
            {"statistics", {{"row_count", size.rows}, {"bytes", size.bytes}}},
            {"quarantine_rows", quarantine.rows},
            {"new_columns_detected", nlohmann::json::object()},
            {"used_by", nlohmann::json::array()},
            {"service", nullptr}};
}

}  // namespace tinybird_cdk::local
