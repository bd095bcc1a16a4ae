// SPDX-License-Identifier: Apache-2.0
#include "query_rows.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "query_plan.hpp"
#include "sql_text.hpp"

namespace tinybird_cdk::mysql {

namespace {

/// What EXPLAIN expects: nothing when there is more than one step, or a condition of which it does not say how many
/// rows it leaves.
std::optional<std::uint64_t> plan_rows(const std::vector<PlanStep>& plan) {
    if (plan.size() != 1 || plan.front().extra.find("where") != std::string::npos) {
        return std::nullopt;
    }
    return plan.front().rows;
}

}  // namespace

QueryRows::QueryRows(const Environment& environment, const ExportRequest& request)
    : environment_(environment),
      query_(single_statement(request.query)),
      row_limit_(request.row_limit),
      limits_(request.limits),
      source_(std::make_unique<Source>(environment_, limits_, query_, request.stop)) {
    for (const Field& field : source_->statement.fields()) {
        // Not vouched for: MySQL takes surrogates, and binary text that was declared to be UTF-8, for valid.
        columns_.push_back({field.name, shown_type(field), false, type_of(field)});
    }
}

void QueryRows::write(RowWriter& writer, const std::stop_token& stop) {
    if (source_) {
        source_->connection.stop_with(stop);
    } else {
        source_ = std::make_unique<Source>(environment_, limits_, query_, stop);
    }
    const std::unique_ptr<Source> source = std::move(source_);
    Statement& statement = source->statement;
    if (row_limit_) {
        // The query stays as its author wrote it: wrapped, it would lose its order and could not repeat a name.
        source->connection.limit_rows(*row_limit_);
    }
    statement.execute();
    refuse_other_columns(statement);
    std::uint64_t left = row_limit_.value_or(std::numeric_limits<std::uint64_t>::max());
    while (left > 0 && statement.write_row(writer)) {
        --left;
    }
    if (left == 0) {
        // A LIMIT of the query's own may give more; the server is told to stop when the statement goes.
        statement.skip_row();
    }
}

std::optional<std::uint64_t> QueryRows::estimated_rows() const {
    if (!source_) {
        return std::nullopt;
    }
    try {
        const auto rows = plan_rows(plan_of(source_->connection, query_));
        return rows && row_limit_ ? std::min(*row_limit_, *rows) : rows;
    } catch (const errors::ExternalDatasourceError&) {
        // Not everything that has rows can be explained.
        return std::nullopt;
    }
}

/// A `*` means other columns when the table was altered in between.
void QueryRows::refuse_other_columns(const Statement& statement) const {
    const std::vector<Field>& now = statement.fields();
    bool same = now.size() == columns_.size();
    for (std::size_t i = 0; same && i < now.size(); ++i) {
        same = now[i].name == columns_[i].name && shown_type(now[i]) == columns_[i].source_type;
    }
    if (!same) {
        throw errors::SchemaMismatchError("the columns of the query changed while it was loaded", "Run it again.");
    }
}

}  // namespace tinybird_cdk::mysql
