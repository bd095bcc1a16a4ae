// SPDX-License-Identifier: Apache-2.0
#include "copy_rows.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/value.hpp>

#include "copy_stream.hpp"
#include "sql_text.hpp"
#include "wire.hpp"

namespace tinybird_cdk::postgresql {

CopyRows::CopyRows(const Environment& environment, std::string query, std::optional<std::uint64_t> row_limit)
    : environment_(environment),
      query_(single_statement(query)),
      row_limit_(row_limit),
      connection_(std::make_unique<Connection>(environment)),
      columns_(describe_columns(*connection_, query_)) {
    for (const QueryColumn& column : columns_) {
        result_columns_.push_back(column.column);
    }
}

void CopyRows::write(RowWriter& writer, const std::stop_token& stop) {
    if (!connection_) {
        connection_ = std::make_unique<Connection>(environment_);
        if (describe_columns(*connection_, query_).size() != columns_.size()) {
            throw errors::SchemaMismatchError("the columns of the query changed while it was loaded", "Run it again.");
        }
    }
    const std::unique_ptr<Connection> connection = std::move(connection_);
    std::vector<Decoder> decoders;
    for (const QueryColumn& column : columns_) {
        decoders.push_back(column.decoder);
    }
    CopyStream stream(std::move(decoders));
    const CopyStatement statement = copy_statement(query_, columns_, row_limit_);
    connection->begin_copy(statement.sql, query_, statement.prefix);
    try {
        std::string_view bytes;
        while (const MemoryHandle message = connection->next_copy_message(bytes, stop, query_, statement.prefix)) {
            stream.message(bytes, writer);
            // Asked for each row, for a fast source never makes the connection wait.
            if (stop.stop_requested()) {
                throw errors::InterruptedError();
            }
        }
    } catch (const MalformedData& error) {
        throw errors::ExternalDatasourceError(fmt::format("PostgreSQL's copy can't be read: {}", error.what()), {},
                                              "Cast the column to text in the query, and report it: this is a defect "
                                              "of the connector or the connection.");
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
    try {
        const ResultHandle plan = connection_->run("EXPLAIN (FORMAT JSON)\n" + query_);
        connection_->run("RELEASE SAVEPOINT estimate");
        const Value document = Value::from_json(PQgetvalue(plan.get(), 0, 0));
        const auto& list = std::get<Value::List>(document.variant());
        const std::string rows = list.at(0).at("Plan").at("Plan Rows").to_text();
        const auto estimate = static_cast<std::uint64_t>(std::max(0.0, std::strtod(rows.c_str(), nullptr)));
        return row_limit_ ? std::min(*row_limit_, estimate) : estimate;
    } catch (const errors::Error&) {
        connection_->run("ROLLBACK TO SAVEPOINT estimate");
        return std::nullopt;
    }
}

}  // namespace tinybird_cdk::postgresql
