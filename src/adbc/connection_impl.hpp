// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/adbc.hpp>
#include <tinybird_cdk/errors.hpp>

#include "adbc/error.hpp"
#include "adbc/handles.hpp"
#include "adbc/kept_stream.hpp"

namespace tinybird_cdk::adbc {

/// Shared by the connection and the streams of its queries, for those must not outlive it.
class Connection::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(const Source& source, const Environment& environment);

    ArrowStream query(const std::string& sql, std::shared_ptr<const Ending> ending = {});
    void execute(const std::string& sql);
    bool cancel() noexcept;
    bool can_cancel();
    std::string vendor();
    ArrowStream objects(int depth, const std::optional<std::string>& catalog, const std::optional<std::string>& schema,
                        const std::optional<std::string>& table);
    ArrowStream statistics(const std::optional<std::string>& catalog, const std::optional<std::string>& schema,
                           const std::optional<std::string>& table);
    OwnedArrowSchema table_schema(const std::optional<std::string>& catalog, const std::optional<std::string>& schema,
                                  const std::string& table);
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    class Running;

    std::shared_ptr<Running> prepare(const std::string& sql);
    /// @param rows how many it has; less than none: that is not known
    ArrowStream stream_of(ArrowArrayStream& raw, std::shared_ptr<Running> running,
                          std::shared_ptr<const Ending> ending = {}, const std::string& sql = {},
                          std::int64_t rows = -1);
    /// Throws what a query's status means, with what the source has to say of that query.
    void refuse(const CallError& error, AdbcStatusCode status);
    /// As for a query, of what opens the connection.
    void check_open(const CallError& error, AdbcStatusCode status, std::string_view doing) const;
    [[nodiscard]] std::optional<Meaning> meaning_of(const errors::ExternalDatasourceError& refusal) const;
    std::string said_of_failure();
    /// Why a query failed whose failure says nothing: it is run once more. Nothing when it says something, or when the
    /// query does not fail again.
    std::optional<std::string> reason_of(std::string_view failure, const std::string& sql);

    const std::string name_;
    const std::string vague_failure_;
    const std::vector<std::string> one_thread_;
    const Options statement_options_;
    const bool tells_rows_;
    const std::string on_failure_;
    const std::function<std::optional<Meaning>(std::string_view)> meaning_;
    // In this order: a connection is released before its database.
    Database database_;
    ConnectionHandle connection_;
    std::mutex running_mutex_;
    AdbcStatement* running_ = nullptr;  ///< what `cancel()` ends
};

}  // namespace tinybird_cdk::adbc
