// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

/// Everything that the kit throws. A caller that wants to go on asks the root for what it needs (`retryable()`,
/// `exit_code()`, `hint()`); the few subclasses exist where a program would act differently.
namespace tinybird_cdk::errors {

/// The class of a failure, which is also the exit code of the command line.
enum class ExitCode : int {
    done = 0,
    bad_input = 1,     ///< wrong arguments, configuration, SQL, names: running it again changes nothing
    temporary = 2,     ///< the source or Tinybird could not be reached or is overloaded: worth another try
    data_refused = 3,  ///< a value can't be held, rows were quarantined, or a load is not proved
    schema_drift = 4,  ///< the columns of source and target no longer fit
    interrupted = 130  ///< SIGINT or SIGTERM (128 + SIGINT, as shells have it)
};

/// The root of all errors of the kit. Made inside a `catch` block it keeps the exception being handled as its cause
/// (`std::nested_exception`), so that the driver's own error is never lost.
class Error : public std::runtime_error, public std::nested_exception {
public:
    /// @param message what was wrong, where; one line, no secret.
    /// @param hint what to do about it; empty when the message says it all.
    explicit Error(const std::string& message, std::string hint = {}, ExitCode exit_code = ExitCode::bad_input);

    /// What to do next, a full sentence; empty when there is nothing to add.
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
    /// Adds a sentence to the hint, for what was found while the error was on its way up: objects left behind.
    void add_hint(std::string_view sentence);
    [[nodiscard]] ExitCode exit_code() const noexcept { return exit_code_; }
    /// True when the same call may succeed later without a change.
    [[nodiscard]] bool retryable() const noexcept { return exit_code_ == ExitCode::temporary; }
    /// True when this error wraps another one, which `rethrow_nested()` throws.
    [[nodiscard]] bool has_cause() const noexcept { return static_cast<bool>(nested_ptr()); }
    /// The name of the class, stable over releases: scripts may compare it. As in "MissingConfiguration".
    [[nodiscard]] virtual std::string_view name() const noexcept { return "Error"; }

private:
    std::string hint_;
    ExitCode exit_code_;
};

/// A required variable is unset (or empty where a value is needed). The message names it.
class MissingConfiguration : public Error {
public:
    /// @param variable the name of the environment variable
    explicit MissingConfiguration(std::string_view variable, std::string hint = {});
    [[nodiscard]] const std::string& variable() const noexcept { return variable_; }
    [[nodiscard]] std::string_view name() const noexcept override { return "MissingConfiguration"; }

private:
    std::string variable_;
};

/// A variable or an argument has a value that means nothing to the kit.
class InvalidArgument : public Error {
public:
    explicit InvalidArgument(const std::string& message, std::string hint = {});
    [[nodiscard]] std::string_view name() const noexcept override { return "InvalidArgument"; }
};

/// `connector_for()` was asked for a name that is not registered. The hint lists the names that are.
class UnknownConnectorError : public Error {
public:
    explicit UnknownConnectorError(const std::string& message, std::string hint = {});
    [[nodiscard]] std::string_view name() const noexcept override { return "UnknownConnectorError"; }
};

/// A connector can't export in the format asked for, or this build can't.
class UnsupportedFormatError : public Error {
public:
    explicit UnsupportedFormatError(const std::string& message, std::string hint = {});
    [[nodiscard]] std::string_view name() const noexcept override { return "UnsupportedFormatError"; }
};

/// A cloud service that the kit has no client for.
class UnsupportedCloudServiceError : public Error {
public:
    explicit UnsupportedCloudServiceError(const std::string& message, std::string hint = {});
    [[nodiscard]] std::string_view name() const noexcept override { return "UnsupportedCloudServiceError"; }
};

/// The source database refused or failed. `sqlstate()` is its five-character code where it has one
/// (PostgreSQL manual, appendix A), else its own code as text, else empty.
class ExternalDatasourceError : public Error {
public:
    explicit ExternalDatasourceError(const std::string& message, std::string sqlstate = {}, std::string hint = {},
                                     ExitCode exit_code = ExitCode::bad_input);
    [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }
    [[nodiscard]] std::string_view name() const noexcept override { return "ExternalDatasourceError"; }

private:
    std::string sqlstate_;
};

/// A driver or another shared library that is loaded on demand is not installed. The hint has the command.
class MissingDriverError : public Error {
public:
    explicit MissingDriverError(const std::string& message, std::string hint = {});
    [[nodiscard]] std::string_view name() const noexcept override { return "MissingDriverError"; }
};

/// A value can't go to the target unchanged, and no policy says what to do instead. The message names row, column
/// and value; nothing of the load was kept.
class RefusedValueError : public Error {
public:
    /// @param row counted from 1 in the order the source gave them
    RefusedValueError(std::uint64_t row, std::string column, const std::string& message, std::string hint = {});
    [[nodiscard]] std::uint64_t row() const noexcept { return row_; }
    [[nodiscard]] const std::string& column() const noexcept { return column_; }
    [[nodiscard]] std::string_view name() const noexcept override { return "RefusedValueError"; }

private:
    std::uint64_t row_;
    std::string column_;
};

/// The columns of the query and those of the data source don't fit together.
class SchemaMismatchError : public Error {
public:
    explicit SchemaMismatchError(const std::string& message, std::string hint = {});
    [[nodiscard]] std::string_view name() const noexcept override { return "SchemaMismatchError"; }
};

/// The operation was cancelled through its stop token (Ctrl-C on the command line).
class InterruptedError : public Error {
public:
    explicit InterruptedError(const std::string& message = "interrupted");
    [[nodiscard]] std::string_view name() const noexcept override { return "InterruptedError"; }
};

/// The root of what the Tinybird client throws.
class TinybirdClientError : public Error {
public:
    using Error::Error;
    [[nodiscard]] std::string_view name() const noexcept override { return "TinybirdClientError"; }
};

/// Tinybird (or something on the way) answered with a status that means failure, or did not answer: `status()` 0.
class HTTPError : public TinybirdClientError {
public:
    /// @param message method, URL without secrets, status, and what the server said
    HTTPError(int status, const std::string& message, std::string hint = {}, ExitCode exit_code = ExitCode::bad_input);
    [[nodiscard]] int status() const noexcept { return status_; }
    [[nodiscard]] std::string_view name() const noexcept override { return "HTTPError"; }

private:
    int status_;
};

/// An import job ended in `error` or was cancelled.
class JobError : public TinybirdClientError {
public:
    JobError(std::string job_id, const std::string& message, std::string hint = {});
    [[nodiscard]] const std::string& job_id() const noexcept { return job_id_; }
    [[nodiscard]] std::string_view name() const noexcept override { return "JobError"; }

private:
    std::string job_id_;
};

/// Tinybird kept answering 429 for longer than the retry policy allows (an hour in all by default).
class RateLimitedForTooLongError : public TinybirdClientError {
public:
    explicit RateLimitedForTooLongError(const std::string& message, std::string hint = {});
    [[nodiscard]] std::string_view name() const noexcept override { return "RateLimitedForTooLongError"; }
};

/// The answer to an append was lost after the request may have been carried out: whether the rows are in is not
/// known, so the kit does not send them again. The hint says what to check.
class InDoubtError : public TinybirdClientError {
public:
    explicit InDoubtError(const std::string& message, std::string hint = {});
    [[nodiscard]] std::string_view name() const noexcept override { return "InDoubtError"; }
};

/// Tinybird took the load but put rows into quarantine (or could not read lines), and the caller asked for an error
/// in that case.
class QuarantineError : public TinybirdClientError {
public:
    explicit QuarantineError(const std::string& message, std::string hint = {});
    [[nodiscard]] std::string_view name() const noexcept override { return "QuarantineError"; }
};

/// A load that was to be verified is in, but what the data source holds is not what was sent, or can't be compared.
class NotProvedError : public Error {
public:
    explicit NotProvedError(const std::string& message, std::string hint = {});
    [[nodiscard]] std::string_view name() const noexcept override { return "NotProvedError"; }
};

}  // namespace tinybird_cdk::errors
