// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tinybird_cdk/export.hpp>

#include "api.hpp"
#include "field.hpp"
#include "job.hpp"

namespace tinybird_cdk::bigquery {

/// The rows of a query: by Arrow streams of the Storage Read API, side by side; or page by page of the REST API where
/// the result is small, its first rows are wanted, or the streams are not to be had. Both give the same values. The
/// query is described when this is made, at no cost, and run when its rows are asked for; asked for again, the same
/// result is read again.
class QueryRows final : public Rows {
public:
    /// @param new_id gives an id for a job that nobody has used
    QueryRows(std::shared_ptr<Api> api, const ExportRequest& request, std::function<std::string()> new_id);

    [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
    void write(RowWriter& writer, const std::stop_token& stop) override;

private:
    /// @return false when pages are to be read: nothing is written then
    bool write_streams(RowWriter& writer, const std::stop_token& stop);

    const std::shared_ptr<Api> api_;
    const ExportRequest request_;
    const std::function<std::string()> new_id_;
    std::vector<Field> fields_;
    std::uint64_t bytes_read_ = 0;  ///< by the query; 0: none, or not known
    std::string location_;          ///< where the query runs: its job is not found without it
    std::vector<ResultColumn> columns_;
    std::unique_ptr<Job> job_;
};

}  // namespace tinybird_cdk::bigquery
