// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <tinybird_cdk/grpc.hpp>

#include "api.hpp"
#include "memory_budget.hpp"
#include "read_messages.hpp"

namespace tinybird_cdk::bigquery {

/// Rows as they came, and the memory that they were given.
struct ArrowRows {
    std::string batch;  ///< a message of Arrow's IPC format
    std::uint64_t rows = 0;
    MemoryBudget::Share share;
};

/// The Storage Read API: sessions, and their streams (https://cloud.google.com/bigquery/docs/reference/storage).
/// Thread-safe.
class Storage {
public:
    /// @param api whose credentials are used too
    explicit Storage(std::shared_ptr<Api> api);

    /// A session over a table. @param table as in "projects/p/datasets/d/tables/t" @param streams at most
    /// @throws errors::ExternalDatasourceError, with the name of gRPC's status as its code, when there can be none
    ReadSession create_session(const std::string& table, unsigned streams, const std::stop_token& stop);

    using Take = std::function<void(ArrowRows)>;
    /// All rows of a stream, in their order. When it breaks it goes on behind the last row that it gave, as long as
    /// that leads on: the RetryPolicy says how often it is tried without a row.
    /// @throws errors::ExternalDatasourceError when it can't be read to its end, what `take` throws
    void read_stream(const std::string& name, MemoryBudget& budget, const Take& take, const std::stop_token& stop);

private:
    /// Headers that say who asks, and what for.
    std::vector<std::pair<std::string, std::string>> metadata(const std::string& routing, const std::stop_token& stop);
    /// After a refusal of who asks: whether to ask once more, with a new token.
    bool with_new_token(const errors::ExternalDatasourceError& error, bool& asked_again, const std::stop_token& stop);

    const std::shared_ptr<Api> api_;
    grpc::Client client_;
    grpc::Client sessions_;  ///< less patient
};

}  // namespace tinybird_cdk::bigquery
