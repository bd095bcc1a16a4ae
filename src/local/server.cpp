// SPDX-License-Identifier: Apache-2.0
#include "local/server.hpp"

#include <fstream>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "local/import_switch.hpp"

namespace tinybird_cdk::local {

namespace {

constexpr std::string_view bearer = "Bearer ";

/// Paths that tell nothing of the workspace.
bool is_open(const std::string& path) {
    return path == "/health" || path == "/v0/health" || path == "/tokens" || path == "/v0/regions" || path == "/" ||
           path.starts_with("/page/");
}

/// Comparing takes the same time wherever the texts differ.
bool same_secret(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) {
        return false;
    }
    unsigned difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i]);
    }
    return difference == 0;
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
    : engine_(library, options.data_directory / "clickhouse"),
      catalog_(options.data_directory / "datasources.json"),
      storage_(engine_, catalog_),
      services_{.engine = engine_,
                .catalog = catalog_,
                .storage = storage_,
                .jobs = jobs_,
                .linkers = linkers_,
                .scratch = made(options.data_directory / "scratch"),
                .workspace_id = "local",
                .token = options.token,
                .endpoint = {}},
      loopback_only_(options.is_loopback()),
      http_([this](const Call& call) { return check(call); }, [this](Call& call) { return router_.dispatch(call); },
            !options.quiet) {
    logger::remember_secret(services_.token);
    storage_.remove_strays();
    recover_imports(engine_, import_journal(services_.scratch));
    add_import_routes(router_, services_);
    add_analyze_routes(router_, services_);
    add_datasource_routes(router_, services_);
    add_event_routes(router_, services_);
    add_page_routes(router_);
    add_sql_routes(router_, services_);
    add_workspace_routes(router_, services_);
    const int port = http_.bind(options.host, options.port);
    services_.endpoint = fmt::format("http://{}:{}", options.host, port);
}

std::optional<Answer> Server::check(const Call& call) const {
    // A page of another site can make a browser call us by a name that it resolves to this machine (DNS rebinding).
    if (loopback_only_) {
        const std::string host = core::to_lower(host_of(call.header("host")));
        if (host != "localhost" && host != "127.0.0.1" && host != "[::1]") {
            return error_answer(403, fmt::format("the host \"{}\" is not served", host));
        }
    }
    if (is_open(call.path)) {
        return std::nullopt;
    }
    const std::string authorization = call.header("authorization");
    std::string token = call.parameter("token").value_or("");
    if (core::starts_with_ignoring_case(authorization, bearer)) {
        token = std::string(core::trim(std::string_view(authorization).substr(bearer.size())));
    }
    if (token.empty()) {
        return error_answer(403,
                            "auth token is missing: send it as \"Authorization: Bearer …\" or as the parameter token");
    }
    if (!same_secret(token, services_.token)) {
        return error_answer(403, "invalid authentication token: this local Tinybird does not know it");
    }
    return std::nullopt;
}

DataSource data_source_of(const Services& services, const Call& call) {
    const std::string& name = call.captured.at(0);
    if (auto source = services.catalog.find(name)) {
        return *std::move(source);
    }
    throw Refusal(404, fmt::format("Data Source \"{}\" does not exist", name));
}

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
            {"engine",
             {{"engine", source.engine},
              {"engine_sorting_key", source.sorting_key},
              {"engine_partition_key", source.partition_key},
              {"engine_primary_key", source.sorting_key}}},
            {"columns", columns},
            {"statistics", {{"row_count", size.rows}, {"bytes", size.bytes}}},
            {"quarantine_rows", quarantine.rows},
            {"new_columns_detected", nlohmann::json::object()},
            {"used_by", nlohmann::json::array()},
            {"service", nullptr}};
}

}  // namespace tinybird_cdk::local
