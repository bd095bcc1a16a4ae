// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/google.hpp>
#include <tinybird_cdk/rest.hpp>
#include <tinybird_cdk/retry.hpp>
#include <tinybird_cdk/value.hpp>

#include "settings.hpp"

namespace tinybird_cdk::bigquery {

/// What BigQuery says of a failure, in an answer or in the status of a job.
struct Refusal {
    std::string reason;   ///< its own word, as in "notFound"; may be empty
    std::string message;  ///< its own text
    int status = 0;       ///< of the answer; 0: a job's
};

/// Of an answer that is not 2xx, whatever its body is. Pure.
Refusal refusal_of(const rest::Answer& answer);
/// What to throw. Pure. @param what was done, as in "the query can't be run" @param link to the job; may be empty
errors::ExternalDatasourceError error_of(const Refusal& refusal, const std::string& what, const std::string& link = {});

/// What an answer that is 2xx says. Pure. @param what as in error_of() @throws errors::ExternalDatasourceError when it
/// is no JSON, as the page of a proxy is not
Value document_of(const rest::Answer& answer, const std::string& what);

/// The REST API (https://cloud.google.com/bigquery/docs/reference/rest): URLs, authorisation, refusals. Thread-safe.
class Api {
public:
    using Query = std::vector<std::pair<std::string, std::string>>;

    /// @throws as settings_from()
    explicit Api(const Environment& environment, const cloud::ClientOptions& options = {});

    /// One call. @param path below /bigquery/v2, with its parts percent-encoded @param body JSON; empty: none. What is
    /// posted is told from what was posted before by the id of its job, so it may be sent twice. Short-term limits of
    /// Google's are waited out, for two minutes at most.
    rest::Answer send(std::string_view method, const std::string& path, const Query& query, const std::string& body,
                      const std::stop_token& stop);
    /// The same, for an answer that is JSON. @throws errors::ExternalDatasourceError for a refusal. @param what as in
    /// error_of()
    Value get(const std::string& path, const Query& query, const std::string& what, const std::stop_token& stop);
    /// All pages of a list. @param items the name of the field that has them
    std::vector<Value> list(const std::string& path, std::string_view items, const std::string& what,
                            const std::stop_token& stop);

    /// Who asks; null for an emulator, which does not want to know. Lives as long as this.
    [[nodiscard]] google::Credentials* credentials() noexcept { return credentials_ ? &*credentials_ : nullptr; }
    [[nodiscard]] Clock& clock() const noexcept { return client_.clock(); }
    [[nodiscard]] const Settings& settings() const noexcept { return settings_; }

private:
    rest::Answer send_once(const rest::Call& call);

    const Settings settings_;
    const RetryPolicy policy_;  ///< for limits that BigQuery answers 403 for
    const std::function<double()> jitter_;
    rest::Client client_;
    std::optional<google::Credentials> credentials_;  ///< nothing: an emulator's
};

/// A part of a path, percent-encoded.
std::string part(std::string_view name);

}  // namespace tinybird_cdk::bigquery
