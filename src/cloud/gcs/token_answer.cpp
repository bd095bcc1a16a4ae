// SPDX-License-Identifier: Apache-2.0
#include "cloud/gcs/token_answer.hpp"

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/logger.hpp>

#include "cloud/gcs/json_field.hpp"
#include "core/text.hpp"

namespace tinybird_cdk::cloud::gcs {

namespace {

/// How much of an answer that is no JSON is shown.
constexpr std::size_t shown_bytes = 200;

/// Masked before it is cut: half a secret would not be known as one.
std::string first_line(std::string_view text) {
    text = core::trim(text);
    const std::string line = logger::mask(text.substr(0, text.find_first_of("\r\n")));
    return std::string(core::trim(std::string_view(line).substr(0, shown_bytes)));
}

}  // namespace

http::Response post(Transport& transport, const std::string& url, std::string_view content_type,
                    const std::string& text, const Pairs& headers, const std::stop_token& stop) {
    const auto body = body_of(text);
    const auto make = [&] {
        body->rewind();
        http::Request request;
        request.method = "POST";
        request.url = url;
        request.headers = headers;
        request.headers.emplace_back("Content-Type", content_type);
        request.body = body.get();
        return request;
    };
    return transport.send(make, "Google", stop);
}

std::string form_of(const Pairs& fields) {
    std::string form;
    for (const auto& [name, value] : fields) {
        form += fmt::format("{}{}={}", form.empty() ? "" : "&", core::url_encode(name), core::url_encode(value));
    }
    return form;
}

std::string refusal_of(const http::Response& answer) {
    const auto document = json_object(answer.body);
    std::string code;
    std::string text;
    if (document) {
        const auto error = document->find("error");
        if (error != document->end() && error->is_object()) {
            // https://cloud.google.com/apis/design/errors, and storage's older form with a list of reasons
            code = text_field(*error, "status").value_or("");
            text = text_field(*error, "message").value_or("");
            const auto errors = error->find("errors");
            if (code.empty() && errors != error->end() && errors->is_array() && !errors->empty() &&
                errors->front().is_object()) {
                code = text_field(errors->front(), "reason").value_or("");
            }
        } else {
            code = text_field(*document, "error").value_or("");
            text = text_field(*document, "error_description").value_or("");
        }
    } else {
        text = first_line(answer.body);
    }
    std::string refusal = fmt::format("{}", answer.status);
    refusal += code.empty() ? "" : " " + code;
    refusal += text.empty() || text == code ? "" : ": " + first_line(text);
    return logger::mask(refusal);
}

bool is_temporary(const http::Response& answer) noexcept {
    return answer.status == 408 || answer.status == 429 || answer.status >= 500;
}

void refuse_token(const http::Response& answer, std::string_view who, std::string_view url) {
    const bool temporary = is_temporary(answer);
    throw errors::ExternalDatasourceError(
        fmt::format("no access token for {} from {}: {}", who, logger::mask(url), refusal_of(answer)),
        fmt::format("{}", answer.status),
        temporary ? "Run it again." : "Check that these credentials are still valid, and the clock of this machine.",
        temporary ? errors::ExitCode::temporary : errors::ExitCode::bad_input);
}

Token token_of(const http::Response& answer, std::string_view who, std::string_view url, Clock& clock) {
    if (answer.status != 200) {
        refuse_token(answer, who, url);
    }
    const auto document = json_object(answer.body);
    const auto text = document ? text_field(*document, "access_token") : std::nullopt;
    if (!text) {
        throw errors::ExternalDatasourceError(
            fmt::format("no access token for {}: the answer of {} has none", who, logger::mask(url)));
    }
    logger::remember_secret(*text);
    // RFC 6749 §5.1 recommends expires_in; without it nobody knows, so the token is for one use.
    std::chrono::seconds lifetime{0};
    if (const auto found = document->find("expires_in"); found != document->end() && found->is_number()) {
        lifetime = std::chrono::seconds(found->get<std::int64_t>());
    }
    return {.text = Secret(*text), .expires = clock.wall_now() + lifetime};
}

}  // namespace tinybird_cdk::cloud::gcs
