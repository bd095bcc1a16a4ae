// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include <tinybird_cdk/row_writer.hpp>

#include "api.hpp"
#include "arrow_batches.hpp"
#include "arrow_column.hpp"
#include "field.hpp"
#include "job.hpp"
#include "storage.hpp"

namespace tinybird_cdk::bigquery {

/// The rows of a job's result, by the Arrow streams of a session of the Storage Read API.
class StreamRows {
public:
    struct Wanted {
        std::uint64_t rows = 0;  ///< that there are
        bool in_order = false;   ///< in that of the query, which only one stream keeps
    };
    /// Nothing, which is logged with its reason: this result can't be read so, and pages are the way.
    /// @param job that has ended; must outlive this @throws errors::InterruptedError
    static std::unique_ptr<StreamRows> open(const std::shared_ptr<Api>& api, const std::vector<Field>& fields,
                                            const Job& job, const Wanted& wanted, const std::stop_token& stop);

    /// All of them. @throws errors::ExternalDatasourceError when they can't be read, or are fewer or more;
    /// errors::InterruptedError, what the writer throws
    void write(RowWriter& writer, const std::stop_token& stop);

private:
    StreamRows(const std::shared_ptr<Api>& api, const std::vector<Field>& fields, const Job& job, const Wanted& wanted,
               const std::stop_token& stop);
    void write_batch(RowWriter& writer, const ArrowRows& rows, const std::stop_token& stop);

    const Job& job_;
    const std::uint64_t wanted_;
    Storage storage_;
    const ReadSession session_;
    ArrowBatches batches_;
    const std::vector<std::unique_ptr<ArrowColumn>> columns_;
};

}  // namespace tinybird_cdk::bigquery
