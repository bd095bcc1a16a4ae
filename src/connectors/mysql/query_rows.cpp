// SPDX-License-Identifier: Apache-2.0
#include "query_rows.hpp"

#include <cstddef>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <tinybird_cdk/errors.hpp>

#include "sql_text.hpp"

namespace tinybird_cdk::mysql {

QueryRows::QueryRows(const Environment& environment, const ExportRequest& request)
    : environment_(environment),
      query_(single_statement(request.query)),
      row_limit_(request.row_limit),
      source_(std::make_unique<Source>(environment_, query_, request.stop)) {
    for (const Field& field : source_->statement.fields()) {
        // Not vouched for: MySQL takes surrogates, and binary text that was declared to be UTF-8, for valid.
        columns_.push_back({field.name, shown_type(field), false, type_of(field)});
    }
}

void QueryRows::write(RowWriter& writer, const std::stop_token& stop) {
    if (source_) {
        source_->connection.stop_with(stop);
    } else {
        source_ = std::make_unique<Source>(environment_, query_, stop);
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
