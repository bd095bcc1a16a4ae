// SPDX-License-Identifier: Apache-2.0
#include "copy_rows.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/value.hpp>

#include "copy_stream.hpp"
#include "sql_text.hpp"
#include "wire.hpp"

namespace tinybird_cdk::postgresql {

namespace {

/// What EXPLAIN (FORMAT JSON) expects of the whole plan.
std::optional<std::uint64_t> plan_rows(const char* plan) {
    try {
        const Value document = Value::from_json(plan);
        const auto* const plans = std::get_if<Value::List>(&document.variant());
        if (plans == nullptr || plans->empty()) {
            return std::nullopt;
        }
        const std::string text = plans->front().at("Plan").at("Plan Rows").to_text();
        constexpr double largest = 1e18;
        return static_cast<std::uint64_t>(std::clamp(std::strtod(text.c_str(), nullptr), 0.0, largest));
    } catch (const errors::InvalidArgument&) {
        return std::nullopt;
    }
}

bool same(const QueryColumn& one, const QueryColumn& other) {
    return one.column.name == other.column.name && one.column.source_type == other.column.source_type;
}

}  // namespace

CopyRows::CopyRows(const Environment& environment, std::string_view query, std::optional<std::uint64_t> row_limit,
                   const std::stop_token& stop, const SourceLimits& limits)
    : environment_(environment),
      query_(single_statement(query)),
      row_limit_(row_limit),
      limits_(limits),
      connection_(std::make_unique<Connection>(environment, limits, stop)),
      columns_(describe_columns(*connection_, query_)) {
    for (const QueryColumn& column : columns_) {
        result_columns_.push_back(column.column);
    }
}

void CopyRows::describe_again() {
    std::vector<QueryColumn> columns = describe_columns(*connection_, query_);
    if (!std::equal(columns.begin(), columns.end(), columns_.begin(), columns_.end(), same)) {
        throw errors::SchemaMismatchError("the columns of the query changed while it was loaded", "Run it again.");
    }
    columns_ = std::move(columns);
}

void CopyRows::write(RowWriter& writer, const std::stop_token& stop) {
    if (connection_) {
        connection_->stop_with(stop);
    } else {
        connection_ = std::make_unique<Connection>(environment_, limits_, stop);
        describe_again();
    }
    const std::unique_ptr<Connection> connection = std::move(connection_);
    std::vector<Decoder> decoders;
    decoders.reserve(columns_.size());
    for (const QueryColumn& column : columns_) {
        decoders.push_back(column.decoder);
    }
    CopyStream stream(std::move(decoders));
    const CopyStatement statement = copy_statement(query_, columns_, row_limit_);
    const SentQuery query{.text = query_, .prefix = statement.prefix};
    connection->begin_copy(statement.sql, query);
    try {
        std::string_view bytes;
        while (const MemoryHandle message = connection->next_copy_message(bytes, query)) {
            stream.message(bytes, writer);
        }
    } catch (const MalformedData& error) {
        const std::string column = stream.column() < columns_.size()
                                       ? fmt::format("column \"{}\" of ", result_columns_[stream.column()].name)
                                       : std::string();
        throw errors::ExternalDatasourceError(
            fmt::format("{}PostgreSQL's copy can't be read: {}", column, error.what()), {},
            "Cast the column to text in the query, and report it: the connector takes the bytes for another type.");
    }
    if (!stream.ended()) {
        throw errors::ExternalDatasourceError("PostgreSQL's copy ended before its trailer", {}, "Try again.",
                                              errors::ExitCode::temporary);
    }
}

std::optional<std::uint64_t> CopyRows::estimated_rows() const {
    if (!connection_) {
        return std::nullopt;
    }
    // The planner's guess; a failure of EXPLAIN must not end the transaction.
    connection_->run("SAVEPOINT estimate");
    std::optional<std::uint64_t> rows;
    try {
        const ResultHandle plan = connection_->run("EXPLAIN (FORMAT JSON)\n" + query_);
        rows = plan_rows(PQntuples(plan.get()) > 0 ? PQgetvalue(plan.get(), 0, 0) : "");
    } catch (const errors::ExternalDatasourceError&) {
        connection_->run("ROLLBACK TO SAVEPOINT estimate");
    }
    return rows && row_limit_ ? std::min(*row_limit_, *rows) : rows;
}

}  // namespace tinybird_cdk::postgresql
