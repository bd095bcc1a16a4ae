// SPDX-License-Identifier: Apache-2.0
#include "dataset.hpp"

#include <cstdint>
#include <stdexcept>

#include <tinybird_cdk/errors.hpp>

#include "core/ids.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk::testing {

namespace {

constexpr const char* suite_credentials = "TB_CDK_TEST_SUITE_GOOGLE_APPLICATION_CREDENTIALS";

Value::List list_at(const Value& document, std::string_view name) {
    const Value* const list = rest::field_at(document, {name});
    return list == nullptr ? Value::List() : std::get<Value::List>(list->variant());
}

}  // namespace

bool on_google() {
    return !Environment::process().get(suite_credentials).value_or("").empty();
}

Environment bigquery_environment() {
    const Environment process = Environment::process();
    Environment environment = tinybird_environment();
    if (on_google()) {
        // What else runs beside these tests may need the emulators.
        environment = environment.with("GOOGLE_APPLICATION_CREDENTIALS", *process.get(suite_credentials))
                          .with("BIGQUERY_EMULATOR_HOST", "")
                          .with("STORAGE_EMULATOR_HOST", "");
        for (const std::string variable : {"BIGQUERY_PROJECT", "BIGQUERY_LOCATION"}) {
            if (const auto value = process.get("TB_CDK_TEST_SUITE_" + variable)) {
                environment = environment.with(variable, *value);
            }
        }
        return environment;
    }
    for (const char* const variable : {"BIGQUERY_EMULATOR_HOST", "BIGQUERY_PROJECT"}) {
        const auto value = process.get(variable);
        if (!value) {
            throw std::runtime_error(std::string(variable) + " is not set: run this by bin/test");
        }
        environment = environment.with(variable, *value);
    }
    return environment;
}

Project::Project() {
    const Environment environment = bigquery_environment();
    endpoint_ = on_google() ? "https://bigquery.googleapis.com" : config::get("BIGQUERY_EMULATOR_HOST", environment);
    name_ = environment.get("BIGQUERY_PROJECT").value_or("");
    if (name_.empty()) {
        name_ = google::default_project(environment);
    }
    if (on_google()) {
        credentials_.emplace(environment);
    }
}

rest::Answer Project::send(const std::string& method, const std::string& path, const std::string& body) {
    rest::Call call{.method = method,
                    .url = endpoint_ + "/bigquery/v2/projects/" + name_ + "/" + path,
                    .body = body,
                    .repeatable = false};
    if (credentials_) {
        call.headers.emplace_back("Authorization", "Bearer " + credentials_->token({}).reveal());
    }
    return client_.send(call);
}

Value::List Project::query(const std::string& sql) {
    Value::Record body{{"query", sql}, {"useLegacySql", false}, {"timeoutMs", std::int64_t{60'000}}};
    if (const auto location = bigquery_environment().get("BIGQUERY_LOCATION")) {
        body.emplace_back("location", *location);
    }
    const rest::Answer answer = send("POST", "queries", Value(std::move(body)).to_json());
    if (!answer.ok()) {
        throw std::runtime_error(answer.body);
    }
    const Value document = answer.json();
    if (rest::text_at(document, {"jobComplete"}) != "true") {
        throw std::runtime_error("the statement took more than a minute: " + sql);
    }
    return list_at(document, "rows");
}

Dataset::Dataset() : name_("d_" + core::random_hex(8)) {
    Value::Record body{{"datasetReference", Value::Record{{"projectId", project_.name()}, {"datasetId", name_}}}};
    if (const auto location = bigquery_environment().get("BIGQUERY_LOCATION")) {
        body.emplace_back("location", *location);
    }
    if (const auto answer = project_.send("POST", "datasets", Value(std::move(body)).to_json()); !answer.ok()) {
        throw std::runtime_error(answer.body);
    }
}

Dataset::~Dataset() {
    try {
        project_.send("DELETE", "datasets/" + name_ + "?deleteContents=true");
    } catch (const errors::Error&) {  // NOLINT(bugprone-empty-catch): an emulator ends with the tests
    }
}

std::string Dataset::sql(std::string text) const {
    for (std::size_t at = text.find("{d}"); at != std::string::npos; at = text.find("{d}", at)) {
        text.replace(at, 3, project_.name() + "." + name_);
    }
    return text;
}

void Dataset::execute(const std::string& text) {
    project_.query(sql(text));
}

Value::List Dataset::jobs() {
    return list_at(project_.send("GET", "jobs?projection=full&maxResults=100").json(), "jobs");
}

}  // namespace tinybird_cdk::testing
