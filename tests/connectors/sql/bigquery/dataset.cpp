// SPDX-License-Identifier: Apache-2.0
#include "dataset.hpp"

#include <cstdint>
#include <stdexcept>

#include <tinybird_cdk/errors.hpp>

#include "core/ids.hpp"
#include "helpers/target.hpp"

namespace tinybird_cdk::testing {

Environment bigquery_environment() {
    Environment environment = tinybird_environment();
    for (const char* const variable : {"BIGQUERY_EMULATOR_HOST", "BIGQUERY_PROJECT"}) {
        const auto value = Environment::process().get(variable);
        if (!value) {
            throw std::runtime_error(std::string(variable) + " is not set: run this by bin/test");
        }
        environment = environment.with(variable, *value);
    }
    return environment;
}

Dataset::Dataset()
    : endpoint_(config::get("BIGQUERY_EMULATOR_HOST", bigquery_environment())),
      project_(config::get("BIGQUERY_PROJECT", bigquery_environment())),
      name_("d_" + core::random_hex(8)) {
    const Value body(Value::Record{{"datasetReference", Value::Record{{"projectId", project_}, {"datasetId", name_}}}});
    if (const auto answer = send("POST", "datasets", body.to_json()); !answer.ok()) {
        throw std::runtime_error(answer.body);
    }
}

Dataset::~Dataset() {
    try {
        send("DELETE", "datasets/" + name_ + "?deleteContents=true");
    } catch (const errors::Error&) {  // NOLINT(bugprone-empty-catch): the server ends with the tests
    }
}

rest::Answer Dataset::send(const std::string& method, const std::string& path, const std::string& body) {
    return client_.send({.method = method,
                         .url = endpoint_ + "/bigquery/v2/projects/" + project_ + "/" + path,
                         .body = body,
                         .repeatable = false});
}

std::string Dataset::sql(std::string text) const {
    for (std::size_t at = text.find("{d}"); at != std::string::npos; at = text.find("{d}", at)) {
        text.replace(at, 3, project_ + "." + name_);
    }
    return text;
}

void Dataset::execute(const std::string& text) {
    const Value body(Value::Record{{"query", sql(text)}, {"useLegacySql", false}, {"timeoutMs", std::int64_t{60'000}}});
    if (const auto answer = send("POST", "queries", body.to_json()); !answer.ok()) {
        throw std::runtime_error(answer.body);
    }
}

Value::List Dataset::jobs() {
    const Value document = send("GET", "jobs").json();
    const Value* const list = rest::field_at(document, {"jobs"});
    return list == nullptr ? Value::List() : std::get<Value::List>(list->variant());
}

}  // namespace tinybird_cdk::testing
