// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/requests.hpp"

#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "core/json.hpp"
#include "core/text.hpp"
#include "core/utf8.hpp"

namespace tinybird_cdk::cloud::azure {

namespace {

constexpr std::string_view service_name = "Azure Blob Storage";

/// Refuses names under which another blob would be reached, or none.
void check_name(std::string_view blob) {
    if (core::first_invalid_utf8(blob) != std::string_view::npos) {
        throw errors::InvalidArgument(
            fmt::format("a blob can't be named {}: it is not UTF-8", core::json_string(blob)));
    }
    // The service takes one for "/", says Microsoft's emulator, where it does the same (Azurite,
    // blobStorageContext.middleware): what is asked of "a\b" would be done to "a/b".
    if (blob.find('\\') != std::string_view::npos) {
        throw errors::InvalidArgument(
            fmt::format("a blob can't be named {}: Azure takes a backslash for a slash", core::json_string(blob)),
            "Write a slash.");
    }
    // The service, and what stands between, would take these segments for steps in the path (RFC 3986 §5.2.4).
    for (const std::string_view segment : core::split(blob, '/')) {
        if (segment == "." || segment == "..") {
            throw errors::InvalidArgument(
                fmt::format("a blob can't be named {}: \".\" and \"..\" between slashes are steps of a path", blob));
        }
    }
}

std::string query_of(const Pairs& parameters, std::string_view sas) {
    std::string query;
    for (const auto& [name, value] : parameters) {
        query += fmt::format("{}{}={}", query.empty() ? '?' : '&', name, core::url_encode(value));
    }
    if (!sas.empty()) {
        query += fmt::format("{}{}", query.empty() ? '?' : '&', sas);
    }
    return query;
}

}  // namespace

Requests::Requests(const Environment& environment, const ClientOptions& options)
    : account_(account_of(environment)), transport_(options, environment.get("SSL_CERT_FILE").value_or("")) {
    if (account_.by_entra()) {
        if (!account_.https()) {
            throw errors::InvalidArgument(
                fmt::format("{} takes no credentials of Microsoft Entra, for its traffic can be read",
                            account_.endpoint),
                "Name an endpoint that begins with https://, or give a key or a signature.");
        }
        tokens_ = std::make_unique<Tokens>(token_source(environment, options),
                                           options.clock ? options.clock : Clock::system());
    }
}

std::string Requests::path_of(const Call& call) const {
    check_name(call.blob);
    std::string path = account_.path() + "/" + encode_path(call.container);
    if (!call.blob.empty()) {
        path += "/" + encode_path(call.blob);
    }
    return path;
}

std::string Requests::blob_url(std::string_view container, std::string_view blob) const {
    check_name(blob);
    return fmt::format("{}/{}/{}", account_.endpoint, encode_path(container), encode_path(blob));
}

Pairs Requests::signed_headers(const Call& call, std::string_view version, const std::stop_token& stop) {
    Pairs headers = call.headers;
    headers.emplace_back("x-ms-date", http_date(transport_.clock().wall_now()));
    if (!version.empty()) {
        headers.emplace_back("x-ms-version", version);
    }
    if (!account_.key.empty()) {
        headers.emplace_back("Authorization", shared_key_authorization(account_.name, account_.key,
                                                                       {.method = call.method,
                                                                        .path = path_of(call),
                                                                        .parameters = call.parameters,
                                                                        .headers = headers,
                                                                        .content_length = call.content.size()}));
    } else if (tokens_) {
        headers.emplace_back("Authorization", "Bearer " + tokens_->get(stop));
    }
    return headers;
}

http::Request Requests::make(const Call& call, const std::stop_token& stop) {
    Call whole = call;
    const bool may_have_content = call.method == "PUT" || call.method == "POST" || call.method == "DELETE";
    bool has_type = false;
    for (const auto& [name, value] : call.headers) {
        has_type = has_type || name == "Content-Type";
    }
    // libcurl would put a type of its own there, which the signature does not know.
    if (may_have_content && !has_type) {
        whole.headers.emplace_back("Content-Type", "application/octet-stream");
    }
    http::Request request;
    request.method = call.method;
    request.url =
        account_.endpoint + path_of(call).substr(account_.path().size()) + query_of(call.parameters, account_.sas);
    request.headers = signed_headers(whole, service_version, stop);
    return request;
}

http::Response Requests::send(const Call& call, const std::stop_token& stop) {
    const auto body = body_of(call.content);
    return transport_.send(
        [&] {
            http::Request request = make(call, stop);
            request.body = call.content.empty() ? nullptr : body.get();
            return request;
        },
        service_name, stop, call.stop_where);
}

http::Response Requests::send(const std::function<Call()>& call, const std::stop_token& stop) {
    return transport_.send([&] { return make(call(), stop); }, service_name, stop);
}

Pairs Requests::headers_in_batch(const Call& call, const std::stop_token& stop) {
    return signed_headers(call, {}, stop);
}

std::string Requests::query_in_batch() const {
    return query_of({}, account_.sas);
}

}  // namespace tinybird_cdk::cloud::azure
