// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include <tinybird_cdk/row_writer.hpp>
#include <tinybird_cdk/value.hpp>

#include "field.hpp"
#include "job.hpp"
#include "page.hpp"

namespace tinybird_cdk::bigquery {

/// How the pages of such a result are asked for. Pure.
PageForm page_form(const std::vector<Field>& fields);

/// The rows of a job's result, page by page of the REST API.
class PageRows {
public:
    /// @param fields as the query was described; both must outlive this
    PageRows(const std::vector<Field>& fields, Job& job) : fields_(fields), job_(job) {}

    /// In the order of the query. @param row_limit the first ones only
    /// @throws errors::ExternalDatasourceError when they can't be read, are fewer or more than the job says, or have
    /// other columns by now; errors::InterruptedError, what the writer throws
    void write(RowWriter& writer, std::optional<std::uint64_t> row_limit, const std::stop_token& stop);

private:
    /// @return false: it has the last one that is wanted
    bool write_page(RowWriter& writer, Page& page, std::uint64_t wanted, const std::stop_token& stop);
    void write_row(RowWriter& writer, const Value& row) const;
    void check_columns(const Page& page) const;

    const std::vector<Field>& fields_;
    Job& job_;
    std::uint64_t written_ = 0;
};

}  // namespace tinybird_cdk::bigquery
