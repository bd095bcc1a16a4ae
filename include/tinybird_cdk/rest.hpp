// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/value.hpp>

/// Calls of HTTP APIs, for connectors whose source has one.
namespace tinybird_cdk::rest {

/// One call. What is secret in it must be known to the logger (`logger::remember_secret`) or stand in a header: no
/// message shows headers, bodies or what follows the "?" of a URL.
struct Call {
    std::string method = "GET";
    std::string url;  ///< without a query
    /// Added to the URL, percent-encoded, in this order.
    std::vector<std::pair<std::string, std::string>> query = {};
    /// Sent to the URL's own host only, never along with a redirect to another one.
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};  ///< empty: the call has none
    std::string content_type = "application/json";
    /// Doing it twice is doing it once: it is tried again without an answer and after 5xx. Others are only when the
    /// server can't have carried them out. GET is always repeatable.
    bool repeatable = false;
    std::stop_token stop = {};
};

/// An answer, whatever its status is.
struct Answer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers = {};  ///< names in lower case
    std::string body = {};

    [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
    /// True when the same call may succeed later: 408, 429, 5xx.
    [[nodiscard]] bool temporary() const noexcept { return status == 408 || status == 429 || status >= 500; }
    /// The value of a header; empty when it is not there. @param name in lower case
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
    /// The body as JSON. @throws errors::ExternalDatasourceError when it is something else, as of a proxy's page; it is
    /// temporary
    [[nodiscard]] Value json() const;
};

/// Makes calls, with the kit's retry policy (408, 429 with what the server says of when to come back, 502, no
/// connection). Keeps connections open. Thread-safe.
class Client {
public:
    /// @param service for messages, as in "BigQuery" @param ca_file PEM certificates to trust instead of the system's;
    /// empty: the system's
    explicit Client(std::string service, const cloud::ClientOptions& options = {}, std::string ca_file = {});
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// The last answer: 2xx, or a refusal that trying again does not change.
    /// @throws errors::ExternalDatasourceError, retryable, when there was no answer in the end; its hint says so when
    /// the call may have been carried out. errors::InterruptedError when the call's token asks, also in a wait
    Answer send(const Call& call);
    /// The clock that it was given, for what else has to wait.
    [[nodiscard]] Clock& clock() const noexcept;

private:
    struct Inside;
    const std::unique_ptr<Inside> inside_;
};

/// The text of a field of an object, or of a field in a field, as in text_at(answer, {"error", "message"}); empty when
/// it is not there or null.
std::string text_at(const Value& value, std::initializer_list<std::string_view> path);
/// The field itself; null when there is none.
const Value* field_at(const Value& value, std::initializer_list<std::string_view> path) noexcept;

}  // namespace tinybird_cdk::rest
