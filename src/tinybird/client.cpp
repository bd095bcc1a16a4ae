// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/tinybird.hpp>

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"
#include "tinybird/answers.hpp"
#include "tinybird/client_impl.hpp"
#include "tinybird/datafile.hpp"

namespace tinybird_cdk::tinybird {

namespace {

/// Longer SQL goes as a body, as Tinybird's own clients do.
constexpr std::size_t longest_sql_in_url = 4096;

/// Whether the last clause is FORMAT: the client adds its own.
bool has_format_clause(std::string_view sql) {
    const std::string_view text = core::trim(sql);
    const std::size_t last = text.find_last_of(" \t\r\n");
    if (last == std::string_view::npos) {
        return false;
    }
    const std::string_view before = core::trim(text.substr(0, last));
    const std::size_t word = before.find_last_of(" \t\r\n)");
    return core::equal_ignoring_case(before.substr(word == std::string_view::npos ? 0 : word + 1), "FORMAT");
}

ResultSet rows_of(const Response& response, const std::string& call) {
    const Value answer = json_of(response, call);
    const Value* const data = find(answer, "data");
    const auto* list = data == nullptr ? nullptr : std::get_if<Value::List>(&data->variant());
    if (list == nullptr) {
        throw errors::HTTPError(response.status, "the answer to the query has no \"data\"",
                                "Check TB_CDK_ENDPOINT: is it Tinybird's API?");
    }
    ResultSet rows;
    for (const Value& row : *list) {
        if (const auto* record = std::get_if<Value::Record>(&row.variant())) {
            rows.push_back(*record);
        }
    }
    return rows;
}

/// A file that is compressed says so by its name.
ImportOptions for_file(const std::filesystem::path& file, ImportOptions options) {
    if (options.content_encoding.empty() && core::to_lower(file.extension().string()) == ".gz") {
        options.content_encoding = "gzip";
    }
    return options;
}

/// Workspaces that are built by deployments refuse this call.
bool only_deployments_may(std::string_view text) {
    return core::to_lower(text).find("deploy") != std::string::npos;
}

}  // namespace

Value Response::json() const {
    return Value::from_json(body);
}

std::optional<std::string_view> Response::header(std::string_view name) const {
    const auto found =
        std::find_if(headers.begin(), headers.end(), [&](const auto& header) { return header.first == name; });
    if (found == headers.end()) {
        return std::nullopt;
    }
    return found->second;
}

Client::Client(config::Tinybird configuration, ClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(configuration), options)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

const config::Tinybird& Client::configuration() const noexcept {
    return impl_->api.configuration();
}

Response Client::append(Body& body, std::string_view data_source, const ImportOptions& options) {
    return impl_->imports.import_body(body, Mode::append, data_source, options);
}

Response Client::append_data(std::string_view data, std::string_view data_source, const ImportOptions& options) {
    return append(*body_of(data), data_source, options);
}

Response Client::append_file(const std::filesystem::path& file, std::string_view data_source,
                             const ImportOptions& options) {
    return append(*body_of_file(file), data_source, for_file(file, options));
}

Response Client::append_url(std::string_view url, std::string_view data_source, const ImportOptions& options) {
    return impl_->imports.import_url(url, Mode::append, data_source, options);
}

Response Client::replace(Body& body, std::string_view data_source, const ImportOptions& options) {
    return impl_->imports.import_body(body, Mode::replace, data_source, options);
}

Response Client::replace_data(std::string_view data, std::string_view data_source, const ImportOptions& options) {
    return replace(*body_of(data), data_source, options);
}

Response Client::replace_file(const std::filesystem::path& file, std::string_view data_source,
                              const ImportOptions& options) {
    return replace(*body_of_file(file), data_source, for_file(file, options));
}

Response Client::replace_url(std::string_view url, std::string_view data_source, const ImportOptions& options) {
    return impl_->imports.import_url(url, Mode::replace, data_source, options);
}

Response Client::append_event(std::string_view json, std::string_view data_source, bool wait) {
    return append_events(json, data_source, wait);
}

Response Client::append_events(std::string_view ndjson, std::string_view data_source, bool wait) {
    return append_events(ndjson, data_source, AppendEventsOptions{.wait = wait});
}

Response Client::append_event(std::string_view json, std::string_view data_source, const AppendEventsOptions& options) {
    return append_events(json, data_source, options);
}

Response Client::append_events(std::string_view ndjson, std::string_view data_source,
                               const AppendEventsOptions& options) {
    const auto body = body_of(ndjson);
    Response response =
        impl_->api.send({.method = "POST",
                         .path = "/v0/events",
                         .parameters = {{"name", std::string(data_source)}, {"wait", options.wait ? "true" : "false"}},
                         .body = body.get(),
                         .content_type = "application/x-ndjson",
                         .stop = options.stop,
                         .data_source = std::string(data_source)});
    const auto answer = object_of(response.body);
    if (!answer) {
        throw errors::InDoubtError(
            fmt::format("POST {}/v0/events: {} with an answer that is no JSON: whether the events are in \"{}\" is not "
                        "known",
                        configuration().endpoint, response.status, data_source),
            "Check TB_CDK_ENDPOINT: is it Tinybird's API, with no proxy that answers in its place?");
    }
    read_import_fields(*answer, response);
    if (response.quarantined.value_or(0) > 0) {
        const std::string text =
            fmt::format("\"{}\": {} event(s) went to quarantine", data_source, *response.quarantined);
        const std::string look =
            fmt::format("See SELECT * FROM {}_quarantine ORDER BY insertion_date DESC.", data_source);
        if (options.on_quarantine == OnQuarantine::fail) {
            throw errors::QuarantineError(text, look);
        }
        logger::warning(text + ". " + look);
    }
    return response;
}

ResultSet Client::query(std::string_view sql, const QueryOptions& options) {
    if (has_format_clause(sql)) {
        throw errors::InvalidArgument("the SQL has a FORMAT clause", "Leave it out: rows are read as JSON.");
    }
    std::string_view statement = core::trim(sql);
    while (statement.ends_with(';')) {
        statement = core::trim(statement.substr(0, statement.size() - 1));
    }
    // On a line of its own, for the statement may end in a comment.
    const std::string text = fmt::format("{}\nFORMAT JSON", statement);
    Call call;
    call.path = "/v0/sql";
    call.idempotent = true;
    call.stop = options.stop;
    if (!options.pipe.empty()) {
        call.parameters.emplace_back("pipeline", options.pipe);
    }
    if (text.size() <= longest_sql_in_url) {
        call.parameters.emplace_back("q", text);
        return rows_of(impl_->api.send(std::move(call)), "GET " + impl_->api.configuration().endpoint + "/v0/sql");
    }
    const auto body = body_of(text);
    call.method = "POST";
    call.body = body.get();
    call.content_type = "text/plain";
    return rows_of(impl_->api.send(std::move(call)), "POST " + impl_->api.configuration().endpoint + "/v0/sql");
}

Value Client::query_scalar(std::string_view sql, const QueryOptions& options) {
    ResultSet rows = query(sql, options);
    return rows.empty() || rows.front().empty() ? Value(nullptr) : std::move(rows.front().front().second);
}

std::optional<DataSource> Client::data_source(std::string_view name) {
    const std::string path = "/v0/datasources/" + core::url_encode(name);
    const Response response = impl_->api.send_unless({.path = path, .data_source = std::string(name)}, {404});
    if (response.status == 404) {
        return std::nullopt;
    }
    return read_data_source(json_of(response, "GET " + impl_->api.configuration().endpoint + path));
}

std::vector<DataSource> Client::data_sources() {
    const Value answer = impl_->api.send_for_json({.path = "/v0/datasources"});
    std::vector<DataSource> result;
    if (const Value* const list = find(answer, "datasources")) {
        if (const auto* items = std::get_if<Value::List>(&list->variant())) {
            std::transform(items->begin(), items->end(), std::back_inserter(result), read_data_source);
        }
    }
    return result;
}

namespace {

Response create(Api& api, std::string_view name, Parameters form, std::string_view datafile) {
    form.emplace_back("name", name);
    form.emplace_back("mode", "create");
    const std::string text = encoded(form);
    const auto body = body_of(text);
    try {
        return api.send({.method = "POST",
                         .path = "/v0/datasources",
                         .body = body.get(),
                         .content_type = "application/x-www-form-urlencoded"});
    } catch (const errors::HTTPError& error) {
        if (!only_deployments_may(error.what())) {
            throw;
        }
        throw errors::HTTPError(
            error.status(), error.what(),
            fmt::format("This workspace changes by deployments only. Deploy this as {}.datasource:\n{}", name,
                        datafile));
    }
}

}  // namespace

Response Client::create_data_source(std::string_view name, const schema::Schema& schema) {
    Parameters form{{"schema", schema.to_parameter()},
                    {"format", "ndjson"},
                    {"engine", schema.engine},
                    {"engine_sorting_key", schema.sorting_key_text()}};
    if (!schema.partition_key.empty()) {
        form.emplace_back("engine_partition_key", schema.partition_key);
    }
    return create(impl_->api, name, std::move(form), schema.to_datafile());
}

Response Client::create_data_source_from(std::string_view name, std::string_view datafile) {
    Parameters form = parameters_of_datafile(datafile);
    const bool has_jsonpaths = std::any_of(form.begin(), form.end(), [](const auto& parameter) {
        return parameter.first == "schema" && parameter.second.find("`json:") != std::string::npos;
    });
    if (has_jsonpaths) {
        form.emplace_back("format", "ndjson");
    }
    return create(impl_->api, name, std::move(form), datafile);
}

Response Client::alter(std::string_view data_source, std::string_view schema) {
    // The columns are those of the schema afterwards, however often it is said.
    const std::string form = encoded({{"name", std::string(data_source)}, {"schema", std::string(schema)}});
    const auto body = body_of(form);
    return impl_->api.send({.method = "POST",
                            .path = fmt::format("/v0/datasources/{}/alter", core::url_encode(data_source)),
                            .body = body.get(),
                            .content_type = "application/x-www-form-urlencoded",
                            .idempotent = true,
                            .data_source = std::string(data_source)});
}

Response Client::delete_rows(std::string_view data_source, std::string_view condition, const std::stop_token& stop) {
    const std::string form = encoded({{"delete_condition", std::string(condition)}});
    const auto body = body_of(form);
    Response response =
        impl_->api.send({.method = "POST",
                         .path = fmt::format("/v0/datasources/{}/delete", core::url_encode(data_source)),
                         .body = body.get(),
                         .content_type = "application/x-www-form-urlencoded",
                         .idempotent = true,
                         .stop = stop,
                         .data_source = std::string(data_source)});
    if (const auto answer = object_of(response.body)) {
        read_import_fields(*answer, response);
    }
    if (!response.job_id.empty()) {
        const std::string job_id = response.job_id;
        response = impl_->jobs.wait(job_id, stop);
        response.job_id = job_id;
    }
    return response;
}

Response Client::truncate(std::string_view data_source) {
    return impl_->api.send({.method = "POST",
                            .path = fmt::format("/v0/datasources/{}/truncate", core::url_encode(data_source)),
                            .idempotent = true,
                            .data_source = std::string(data_source)});
}

Response Client::drop_data_source(std::string_view name) {
    return impl_->api.send({.method = "DELETE",
                            .path = "/v0/datasources/" + core::url_encode(name),
                            .parameters = {{"force", "true"}},
                            .idempotent = true,
                            .data_source = std::string(name)});
}

std::uint64_t Client::quarantine_count(std::string_view data_source) {
    const Value description = impl_->api.send_for_json(
        {.path = "/v0/datasources/" + core::url_encode(data_source), .data_source = std::string(data_source)});
    if (const auto rows = count_of(description, "quarantine_rows")) {
        return *rows;
    }
    // Not every version describes it; the table comes into being with its first row.
    const std::string table = fmt::format("{}_quarantine", data_source);
    try {
        const std::string count = query_scalar("SELECT count() FROM " + table).to_text();
        return std::strtoull(count.c_str(), nullptr, 10);
    } catch (const errors::HTTPError& error) {
        if ((error.status() != 400 && error.status() != 404) ||
            std::string_view(error.what()).find(table) == std::string_view::npos) {
            throw;
        }
        return 0;
    }
}

ResultSet Client::quarantined_rows(std::string_view data_source, std::size_t limit) {
    return query(fmt::format("SELECT * FROM {}_quarantine ORDER BY insertion_date DESC LIMIT {}", data_source, limit));
}

Job Client::job(std::string_view id) {
    return impl_->jobs.get(std::string(id));
}

std::vector<Job> Client::jobs() {
    return impl_->jobs.list();
}

Job Client::wait_for_job(std::string_view id, const std::stop_token& stop,
                         const std::function<void(const Job&)>& on_job) {
    return read_job(impl_->jobs.wait(std::string(id), stop, on_job).json());
}

Job Client::cancel_job(std::string_view id) {
    return impl_->jobs.cancel(std::string(id));
}

Job Client::end_job(std::string_view id) {
    EndedJob ended = impl_->endings.end({std::string(id)}).front();
    if (ended.job.status.empty() && ended.failure) {
        std::rethrow_exception(ended.failure);
    }
    ended.job.id = ended.id;
    return std::move(ended.job);
}

Job Client::retry_job(std::string_view id) {
    return impl_->jobs.retry(std::string(id));
}

Value Client::linker(std::string_view data_source, std::string_view service) {
    return impl_->api.send_for_json({.path = "/v0/linkers/" + core::url_encode(data_source),
                                     .parameters = {{"service", std::string(service)}},
                                     .data_source = std::string(data_source)});
}

Response Client::alter_linker(std::string_view data_source, std::string_view service, std::string_view query) {
    return impl_->api.send({.method = "PUT",
                            .path = "/v0/linkers/" + core::url_encode(data_source),
                            .parameters = {{"name", std::string(data_source)},
                                           {"service", std::string(service)},
                                           {"query", std::string(query)}},
                            .idempotent = true,
                            .data_source = std::string(data_source)});
}

Response Client::get(std::string_view path_and_query) {
    return impl_->api.send({.path = std::string(path_and_query)});
}

}  // namespace tinybird_cdk::tinybird
