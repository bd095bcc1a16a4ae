// SPDX-License-Identifier: Apache-2.0
#include <tinybird_cdk/errors.hpp>

#include <utility>

#include <fmt/format.h>

namespace tinybird_cdk::errors {

Error::Error(const std::string& message, std::string hint, ExitCode exit_code)
    : std::runtime_error(message), hint_(std::move(hint)), exit_code_(exit_code) {}

void Error::add_hint(std::string_view sentence) {
    if (!hint_.empty()) {
        hint_ += ' ';
    }
    hint_ += sentence;
}

MissingConfiguration::MissingConfiguration(std::string_view variable, std::string hint)
    : Error(fmt::format("the environment variable {} is not set", variable),
            hint.empty() ? fmt::format("Set it: export {}=…", variable) : std::move(hint)),
      variable_(variable) {}

InvalidArgument::InvalidArgument(const std::string& message, std::string hint) : Error(message, std::move(hint)) {}

UnknownConnectorError::UnknownConnectorError(const std::string& message, std::string hint)
    : Error(message, std::move(hint)) {}

UnsupportedFormatError::UnsupportedFormatError(const std::string& message, std::string hint)
    : Error(message, std::move(hint)) {}

UnsupportedCloudServiceError::UnsupportedCloudServiceError(const std::string& message, std::string hint)
    : Error(message, std::move(hint)) {}

ExternalDatasourceError::ExternalDatasourceError(const std::string& message, std::string sqlstate, std::string hint,
                                                 ExitCode exit_code)
    : Error(message, std::move(hint), exit_code), sqlstate_(std::move(sqlstate)) {}

RefusedValueError::RefusedValueError(std::uint64_t row, std::string column, const std::string& message,
                                     std::string hint)
    : Error(fmt::format("row {}, column \"{}\": {}", row, column, message), std::move(hint), ExitCode::data_refused),
      row_(row),
      column_(std::move(column)) {}

MissingDriverError::MissingDriverError(const std::string& message, std::string hint)
    : Error(message, std::move(hint)) {}

SchemaMismatchError::SchemaMismatchError(const std::string& message, std::string hint)
    : Error(message, std::move(hint), ExitCode::schema_drift) {}

InterruptedError::InterruptedError(const std::string& message) : Error(message, {}, ExitCode::interrupted) {}

HTTPError::HTTPError(int status, const std::string& message, std::string hint, ExitCode exit_code)
    : TinybirdClientError(message, std::move(hint), exit_code), status_(status) {}

JobError::JobError(std::string job_id, const std::string& message, std::string hint)
    : TinybirdClientError(message, std::move(hint), ExitCode::data_refused), job_id_(std::move(job_id)) {}

RateLimitedForTooLongError::RateLimitedForTooLongError(const std::string& message, std::string hint)
    : TinybirdClientError(message, std::move(hint), ExitCode::temporary) {}

InDoubtError::InDoubtError(const std::string& message, std::string hint)
    : TinybirdClientError(message, std::move(hint), ExitCode::data_refused) {}

QuarantineError::QuarantineError(const std::string& message, std::string hint)
    : TinybirdClientError(message, std::move(hint), ExitCode::data_refused) {}

NotProvedError::NotProvedError(const std::string& message, std::string hint)
    : Error(message, std::move(hint), ExitCode::data_refused) {}

}  // namespace tinybird_cdk::errors
