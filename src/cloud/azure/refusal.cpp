// SPDX-License-Identifier: Apache-2.0
#include "cloud/azure/refusal.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

namespace tinybird_cdk::cloud::azure {

namespace {

/// <Error><Code>…</Code><Message>…</Message></Error>; answers to HEAD have no body.
std::string of_body(const http::Response& response, const char* name) {
    pugi::xml_document document;
    if (!document.load_buffer(response.body.data(), response.body.size())) {
        return {};
    }
    return document.child("Error").child_value(name);
}

std::string_view hint_for(int status, std::string_view code, std::string_view message) {
    // Azurite has the text, but not the code.
    if (code == "AuthenticationFailed" || code == "InvalidAuthenticationInfo" ||
        message.starts_with("Server failed to authenticate")) {
        return "Are the credentials those of this account, still valid, and is this machine's clock right?";
    }
    if (status == 403 || status == 401) {
        return "Give the identity a role as Storage Blob Data Contributor, or the signature more permissions; the "
               "account's firewall may refuse this machine, too.";
    }
    if (code == "ContainerNotFound") {
        return "Check the container's name and the storage account.";
    }
    return {};
}

}  // namespace

bool succeeded(const http::Response& response) noexcept {
    return response.status >= 200 && response.status < 300;
}

std::string code_of(const http::Response& response) {
    const auto header = response.header("x-ms-error-code");
    return header ? std::string(*header) : of_body(response, "Code");
}

bool no_such_blob(const http::Response& response) {
    return response.status == 404 && code_of(response) != "ContainerNotFound";
}

void refuse(const http::Response& response, std::string_view what) {
    const std::string code = code_of(response);
    // Behind the first line there are the request's number and the time.
    std::string message = of_body(response, "Message");
    message = message.substr(0, message.find_first_of("\r\n"));
    std::string text = fmt::format("{}: status {}", what, response.status);
    text += code.empty() ? "" : fmt::format(", {}", code);
    text += message.empty() ? "" : fmt::format(": {}", message);
    const bool later = response.status >= 500 || response.status == 429 || response.status == 408;
    throw errors::ExternalDatasourceError(logger::mask(text), code.empty() ? std::to_string(response.status) : code,
                                          std::string(hint_for(response.status, code, message)),
                                          later ? errors::ExitCode::temporary : errors::ExitCode::bad_input);
}

}  // namespace tinybird_cdk::cloud::azure
