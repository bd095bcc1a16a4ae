// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <tinybird_cdk/adbc.hpp>

#include "adbc/handles.hpp"

namespace tinybird_cdk::adbc {

/// Shared by the connection and the streams of its queries, for those must not outlive it.
class Connection::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(const Source& source, const Environment& environment);

    ArrowStream query(const std::string& sql);
    void execute(const std::string& sql);
    bool cancel() noexcept;
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
    ArrowStream stream_of(ArrowArrayStream& raw, std::shared_ptr<Running> running);

    const std::string name_;
    // In this order: a connection is released before its database.
    Database database_;
    ConnectionHandle connection_;
    std::mutex running_mutex_;
    AdbcStatement* running_ = nullptr;  ///< what `cancel()` ends
};

}  // namespace tinybird_cdk::adbc
