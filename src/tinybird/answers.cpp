// SPDX-License-Identifier: Apache-2.0
#include "tinybird/answers.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "core/text.hpp"

namespace tinybird_cdk::tinybird {

namespace {

constexpr std::size_t longest_plain_error = 500;
/// Texts are masked before they are cut, for a part of a secret is not known as one.
constexpr std::size_t longest_masked_error = 8192;
constexpr std::size_t most_errors = 10;

const Value::List* list_of(const Value& record, std::string_view name) {
    const Value* const field = find(record, name);
    return field == nullptr ? nullptr : std::get_if<Value::List>(&field->variant());
}

void add(std::optional<std::uint64_t>& sum, std::optional<std::uint64_t> count) {
    if (count) {
        sum = sum.value_or(0) + *count;
    }
}

void add_errors(const Value& answer, std::vector<std::string>& errors) {
    // `error` is false in good answers, and only true in some bad ones.
    if (const auto text = text_of(answer, "error"); text && !text->empty()) {
        errors.push_back(*text);
    }
    if (const auto* list = list_of(answer, "errors")) {
        for (const Value& error : *list) {
            if (errors.size() < most_errors) {
                errors.push_back(error.to_text());
            }
        }
    }
    if (const Value* const error = find(answer, "error"); errors.empty() && error != nullptr && *error == Value(true)) {
        errors.emplace_back("Tinybird says that there was an error, but not which");
    }
}

std::string_view without_query(std::string_view url) {
    return url.substr(0, url.find_first_of("?#"));
}

std::string one_line(std::string_view text) {
    std::string result(core::trim(text));
    std::replace_if(
        result.begin(), result.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U; }, ' ');
    return result;
}

}  // namespace

const Value* find(const Value& record, std::string_view name) {
    if (const auto* fields = std::get_if<Value::Record>(&record.variant())) {
        for (const auto& [known, value] : *fields) {
            if (known == name) {
                return value.is_null() ? nullptr : &value;
            }
        }
    }
    return nullptr;
}

std::optional<std::string> text_of(const Value& record, std::string_view name) {
    const Value* const field = find(record, name);
    if (field == nullptr) {
        return std::nullopt;
    }
    if (const auto* text = std::get_if<std::string>(&field->variant())) {
        return *text;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> count_of(const Value& record, std::string_view name) {
    const Value* const field = find(record, name);
    if (field == nullptr) {
        return std::nullopt;
    }
    if (const auto* number = std::get_if<std::int64_t>(&field->variant()); number != nullptr && *number >= 0) {
        return static_cast<std::uint64_t>(*number);
    }
    if (const auto* number = std::get_if<std::uint64_t>(&field->variant())) {
        return *number;
    }
    return std::nullopt;
}

Value json_of(const Response& response, const std::string& call) {
    try {
        return response.json();
    } catch (const errors::InvalidArgument&) {
        const std::string begin = error_text(response.body).substr(0, 100);
        throw errors::HTTPError(response.status,
                                fmt::format("{}: {} with an answer that is no JSON{}{}", logger::mask(call),
                                            response.status, begin.empty() ? "" : ": ", begin),
                                "Check TB_CDK_ENDPOINT: is it Tinybird's API?");
    }
}

std::optional<Value> object_of(std::string_view body) {
    try {
        Value value = Value::from_json(body);
        if (std::holds_alternative<Value::Record>(value.variant())) {
            return value;
        }
    } catch (const errors::InvalidArgument&) {  // NOLINT(bugprone-empty-catch): not JSON is an answer too
    }
    return std::nullopt;
}

std::string error_text(std::string_view body) {
    std::vector<std::string> errors;
    if (const auto answer = object_of(body)) {
        add_errors(*answer, errors);
    }
    std::string text;
    for (const std::string& error : errors) {
        text += text.empty() ? "" : "; ";
        text += one_line(error);
    }
    if (text.empty()) {
        text = logger::mask(one_line(body.substr(0, longest_masked_error)));
        text.resize(std::min(text.size(), longest_plain_error));
        return text;
    }
    return logger::mask(text);
}

void read_import_fields(const Value& answer, Response& response, Described what) {
    if (const auto id = text_of(answer, "import_id")) {
        response.import_id = *id;
    }
    for (const std::string_view name : {"job_id", "id"}) {
        if (const auto id = text_of(answer, name); id && response.job_id.empty()) {
            response.job_id = *id;
        }
    }
    std::optional<std::uint64_t> rows;
    std::optional<std::uint64_t> quarantined;
    if (const auto* blocks = list_of(answer, "blocks")) {
        for (const Value& block : *blocks) {
            if (const auto* results = list_of(block, "process_return")) {
                for (const Value& result : *results) {
                    add(rows, count_of(result, "lines"));
                    add(quarantined, count_of(result, "quarantine"));
                }
            }
        }
    }
    // Some answers say it twice.
    if (!rows) {
        rows = count_of(answer, "successful_rows");
    }
    if (!quarantined) {
        quarantined = count_of(answer, "quarantined_rows");
    }
    if (rows) {
        response.rows = rows;
    }
    if (!quarantined && what == Described::import) {
        quarantined = count_of(answer, "quarantine_rows");
    }
    if (quarantined) {
        response.quarantined = quarantined;
    }
    if (const auto lines = count_of(answer, "invalid_lines")) {
        response.invalid_lines = lines;
    }
    add_errors(answer, response.errors);
}

Job read_job(const Value& description) {
    Job job;
    job.id = text_of(description, "job_id").value_or(text_of(description, "id").value_or(""));
    job.kind = text_of(description, "kind").value_or("");
    job.status = text_of(description, "status").value_or("");
    job.created_at = text_of(description, "created_at").value_or("");
    if (const Value* const progress = find(description, "progress_percentage")) {
        const std::string text = progress->to_text();
        double percent = 0;
        if (std::from_chars(text.data(), text.data() + text.size(), percent).ec == std::errc()) {
            job.progress = std::clamp(percent / 100, 0.0, 1.0);
        }
    }
    if (const auto text = text_of(description, "error"); text && !text->empty()) {
        job.error = logger::mask(one_line(*text));
    }
    job.description = description;
    return job;
}

std::vector<Job> read_jobs(const Value& answer) {
    std::vector<Job> jobs;
    if (const auto* items = list_of(answer, "jobs")) {
        std::transform(items->begin(), items->end(), std::back_inserter(jobs), read_job);
    }
    return jobs;
}

bool imports_url(const Job& job, std::string_view data_source, std::string_view url) {
    const Value* const target = find(job.description, "datasource");
    const auto imported = text_of(job.description, "url");
    return job.kind == "import" && imported && without_query(*imported) == without_query(url) && target != nullptr &&
           (text_of(*target, "name") == data_source || text_of(*target, "id") == data_source);
}

DataSource read_data_source(const Value& description) {
    DataSource result;
    result.id = text_of(description, "id").value_or("");
    result.name = text_of(description, "name").value_or("");
    if (const auto* columns = list_of(description, "columns")) {
        for (const Value& field : *columns) {
            schema::Column column;
            column.name = text_of(field, "name").value_or("");
            const std::string type = text_of(field, "type").value_or("String");
            column.type = schema::Type::parse(type);
            // Some answers say "Int32" with nullable beside it, others "Nullable(Int32)".
            if (const Value* const nullable = find(field, "nullable");
                nullable != nullptr && *nullable == Value(true)) {
                column.type = column.type.with_nullable(true);
            }
            column.jsonpath = text_of(field, "jsonpath").value_or("");
            if (column.jsonpath.starts_with("json:")) {
                column.jsonpath.erase(0, 5);
            }
            column.default_expr = text_of(field, "default_value").value_or("");
            if (core::starts_with_ignoring_case(column.default_expr, "DEFAULT ")) {
                column.default_expr.erase(0, 8);
            }
            result.columns.push_back(std::move(column));
        }
    }
    if (const Value* const engine = find(description, "engine")) {
        result.engine = text_of(*engine, "engine").value_or("");
        result.sorting_key =
            text_of(*engine, "engine_sorting_key").value_or(text_of(*engine, "sorting_key").value_or(""));
        result.partition_key =
            text_of(*engine, "engine_partition_key").value_or(text_of(*engine, "partition_key").value_or(""));
    }
    if (const Value* const statistics = find(description, "statistics")) {
        result.rows = count_of(*statistics, "row_count");
        result.bytes = count_of(*statistics, "bytes");
    }
    return result;
}

}  // namespace tinybird_cdk::tinybird
