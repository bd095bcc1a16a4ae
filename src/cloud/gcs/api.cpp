// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/api.hpp"

#include <optional>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "cloud/gcs/json_field.hpp"
#include "cloud/gcs/token_answer.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/utf8.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

/// "." and ".." would be taken for steps of a path, and the request would be another one: DELETE b/BUCKET/o/.. deletes
/// the bucket. https://cloud.google.com/storage/docs/objects#naming
void need_name(std::string_view name, std::string_view kind) {
    if (name == "." || name == "..") {
        throw errors::InvalidArgument(fmt::format("\"{}\" can't be the name of {}", name, kind));
    }
    if (core::first_invalid_utf8(name) != std::string_view::npos) {
        throw errors::InvalidArgument(
            fmt::format("{} can't be the name of {}: it is not UTF-8", core::json_string(name), kind));
    }
}

std::string segment(std::string_view name, std::string_view kind) {
    need_name(name, kind);
    return core::url_encode(name);
}

std::string hint_for(int status, std::string_view refusal) {
    if (refusal.find("UserProject") != std::string_view::npos ||
        refusal.find("user project") != std::string_view::npos) {
        return "The bucket's requests are paid by who makes them: name a project in GOOGLE_CLOUD_QUOTA_PROJECT.";
    }
    switch (status) {
        case 401:
            return "Check the credentials.";
        case 403:
            return "These credentials need the role roles/storage.objectAdmin on the bucket, or "
                   "roles/storage.objectViewer "
                   "for reading only.";
        case 404:
            return "Check the names of the bucket and the object.";
        default:
            return {};
    }
}

}  // namespace

void need_object_name(std::string_view key) {
    need_name(key, "an object");
}

Api::Api(const Environment& environment, const ClientOptions& options)
    : settings_(read_settings(environment)),
      transport_(options, settings_.ca_file),
      credentials_(environment, options, transport_, settings_.iam) {}

std::string Api::user_project(const std::stop_token& stop) {
    if (!settings_.user_project.empty() || settings_.emulated) {
        return settings_.user_project;
    }
    return credentials_.quota_project(stop);
}

std::string Api::with_query(std::string url, Query query, const std::stop_token& stop) {
    // https://cloud.google.com/storage/docs/requester-pays
    if (auto project = user_project(stop); !project.empty()) {
        query.emplace_back("userProject", std::move(project));
    }
    char separator = '?';
    for (const auto& [name, value] : query) {
        url += fmt::format("{}{}={}", separator, name, core::url_encode(value));
        separator = '&';
    }
    return url;
}

std::string Api::object_url(std::string_view bucket, std::string_view key, std::string_view method, Query query,
                            const std::stop_token& stop) {
    std::string url = fmt::format("{}/storage/v1/b/{}/o", settings_.storage, segment(bucket, "a bucket"));
    if (!key.empty()) {
        url += "/" + segment(key, "an object");
    }
    url += method;
    return with_query(std::move(url), std::move(query), stop);
}

std::string Api::upload_url(std::string_view bucket, Query query, const std::stop_token& stop) {
    return with_query(fmt::format("{}/upload/storage/v1/b/{}/o", settings_.storage, segment(bucket, "a bucket")),
                      std::move(query), stop);
}

Secret Api::authorise(http::Request& request, const std::stop_token& stop) {
    if (settings_.emulated) {
        return {};
    }
    Secret token = credentials_.token(stop);
    request.headers.emplace_back("Authorization", "Bearer " + token.reveal());
    return token;
}

void Api::discard(const Secret& token) {
    if (!token.empty()) {
        credentials_.discard(token);
    }
}

http::Response Api::send(const Call& call, const std::stop_token& stop) {
    const auto body = body_of(call.body);
    Secret token;
    const auto make = [&] {
        http::Request request;
        request.method = call.method;
        request.url = call.url;
        request.headers = call.headers;
        token = authorise(request, stop);
        if (call.has_body) {
            body->rewind();
            request.body = body.get();
        }
        return request;
    };
    http::Response answer = transport_.send(make, "GCS", stop, call.stop_where);
    constexpr int unauthorised = 401;
    if (answer.status == unauthorised && !token.empty()) {
        // Tokens can be revoked before they expire.
        discard(token);
        answer = transport_.send(make, "GCS", stop, call.stop_where);
    }
    return answer;
}

void Api::refuse(const http::Response& answer, const std::string& what) const {
    const std::string refusal = refusal_of(answer);
    constexpr int precondition_failed = 412;
    if (answer.status == precondition_failed) {
        throw errors::ExternalDatasourceError(fmt::format("{}: it was changed meanwhile ({})", what, refusal), "412",
                                              "Run it again.", errors::ExitCode::temporary);
    }
    const bool temporary = answer.status == 408 || answer.status == 429 || answer.status >= 500;
    throw errors::ExternalDatasourceError(fmt::format("{}: {}", what, refusal), fmt::format("{}", answer.status),
                                          temporary ? "Run it again." : hint_for(answer.status, refusal),
                                          temporary ? errors::ExitCode::temporary : errors::ExitCode::bad_input);
}

nlohmann::json Api::document_of(const http::Response& answer, const std::string& what) const {
    if (answer.status < 200 || answer.status >= 300) {
        refuse(answer, what);
    }
    auto document = json_object(answer.body);
    if (!document) {
        throw errors::ExternalDatasourceError(fmt::format("{}: the answer is no JSON object", what), {},
                                              "Check that the endpoint is Cloud Storage's.");
    }
    return std::move(*document);
}

Resource Api::described_object(const http::Response& answer, const std::string& what) const {
    auto resource = resource_of(document_of(answer, what));
    if (!resource) {
        throw errors::ExternalDatasourceError(fmt::format("{}: the answer describes no object", what), {},
                                              "Check that the endpoint is Cloud Storage's.");
    }
    return std::move(*resource);
}

}  // namespace tinybird_cdk::cloud::gcs
