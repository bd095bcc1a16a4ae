// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tinybird_cdk/tinybird.hpp>

#include "transfer/ledger_records.hpp"

namespace tinybird_cdk::transfer {

/// Which objects are loaded into a data source: kept in the same workspace, so that any machine may do the next load.
/// One thread at a time.
class ObjectLedger {
public:
    /// @param client must outlive the ledger @param data_source whose loads are meant
    ObjectLedger(tinybird::Client& client, std::string data_source);

    /// Whether it is there. @throws errors::InvalidArgument when a data source of that name has other columns;
    /// errors::HTTPError when the token may not read it
    bool exists();
    /// Makes it where it is missing. @throws errors::HTTPError whose hint has the `.datasource` file to add by hand
    void create_if_missing();

    /// Calls `on_load` for each load that is done or open, of objects whose uri begins so. The ledger must be there.
    void read(std::string_view uri_prefix, const std::stop_token& stop,
              const std::function<void(const LedgerLoad&)>& on_load);
    /// All loads of one content of one object.
    std::vector<LedgerLoad> loads_of(const std::string& uri, const std::string& etag, const std::stop_token& stop);

    /// Returns when the rows are stored. A row that is there twice says no more than once, so what may have been lost
    /// is sent again.
    void write(const std::vector<LedgerEvent>& events, const std::stop_token& stop = {});

private:
    [[nodiscard]] std::chrono::system_clock::time_point now() const;
    void set_clock(const std::stop_token& stop);

    tinybird::Client& client_;
    const std::string data_source_;
    /// Tinybird's clock less ours: several machines may write, and jobs are compared by its times.
    std::chrono::system_clock::duration ahead_{};
    bool clock_is_set_ = false;
};

}  // namespace tinybird_cdk::transfer
