// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/config.hpp>
#include <tinybird_cdk/source_limits.hpp>
#include <tinybird_cdk/value.hpp>

#include "column.hpp"
#include "settings.hpp"

namespace tinybird_cdk::snowflake {

/// A connection for questions with small answers, opened at the first one. One thread at a time.
class Session {
public:
    explicit Session(const Environment& environment);

    [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
    [[nodiscard]] const adbc::Source& source() const noexcept { return source_; }
    [[nodiscard]] const Environment& environment() const noexcept { return environment_; }

    /// What its statements keep to from now on, those that Snowflake makes wait for a warehouse too.
    void keep_to(const SourceLimits& limits);
    /// @throws errors::ExternalDatasourceError; errors::InterruptedError some seconds after a stop at the latest, also
    /// when the service does not answer
    ResultSet rows(const std::string& sql, const std::stop_token& stop);
    /// The columns of a query, which is compiled and not run. @throws errors::InvalidArgument for another statement
    std::vector<Column> describe(const std::string& query, const std::stop_token& stop);

private:
    const Environment environment_;
    const Settings settings_;
    const adbc::Source source_;
    SourceLimits limits_;
    std::shared_ptr<adbc::Connection> connection_;  ///< null: not opened yet
};

/// How long an answer is waited for after a stop: a service that is there says that it has cancelled the query.
inline constexpr std::chrono::milliseconds wait_for_cancel{5'000};

/// A connection for that source. @throws as with_login(), errors::InterruptedError on a stop, at once
std::shared_ptr<adbc::Connection> connect(const Settings& settings, const adbc::Source& source,
                                          const Environment& environment, const std::stop_token& stop);

/// What a statement gives. @throws as Session::rows()
ResultSet rows_of(const std::shared_ptr<adbc::Connection>& connection, const std::string& sql,
                  const std::stop_token& stop);

/// A field of a row as text, "" for NULL and for one that is not there.
std::string text_of(const Value::Record& row, std::string_view field);

/// The columns in the rows of DESCRIBE TABLE or DESCRIBE RESULT: all of them, for those that an external table declares
/// are of another kind there (VIRTUAL) and can be selected as well.
std::vector<Column> columns_of(const ResultSet& described);

/// @throws errors::InvalidArgument for what is no query
void refuse_other_statements(std::string_view statement);

}  // namespace tinybird_cdk::snowflake
