// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "transfer/ledger_records.hpp"
#include "transfer/object_ledger.hpp"

namespace tinybird_cdk::framework {

/// The objects of a listing against the loads so far, and a load of those that are not in (docs/adr/0024). For one
/// load; one thread at a time.
class SinceLast {
public:
    /// Asks for the loads so far; writes nothing. @param client, store must outlive it @param objects in any order
    SinceLast(tinybird::Client& client, cloud::Client& store, std::string bucket, std::vector<cloud::Object> objects,
              std::string data_source, std::stop_token stop);

    /// In the order of the load.
    [[nodiscard]] std::vector<KnownObject> known() const;

    /// @param via not automatic
    /// @throws errors::InDoubtError for unfinished ones, unless the options say what to do with them
    std::vector<LoadedObject> append(Via via, const CloudLoadOptions& options,
                                     const std::function<void(const LoadedObject&)>& on_object);

private:
    struct Place {
        std::string uri;
        ObjectState state = ObjectState::fresh;
        ObjectState otherwise = ObjectState::fresh;  ///< if the open loads come to nothing
        std::vector<transfer::LedgerLoad> open{};    ///< loads that nothing tells of
        bool running = false;                        ///< a job of one of them
        std::vector<transfer::LedgerEvent> news{};   ///< what asking for jobs told; not written yet
    };

    void read_ledger();
    /// Asks what became of loads that are open.
    void settle(std::size_t place, const std::vector<transfer::LedgerLoad>& open);
    const std::vector<tinybird::Job>& jobs();
    void refuse_unfinished(Unfinished unfinished) const;
    /// Writes what was found out, or chosen, about loads that were open.
    void write_news(Unfinished unfinished);
    void check_wanted(Via via, const CloudLoadOptions& options) const;
    [[nodiscard]] std::size_t count(ObjectState state) const;

    tinybird::Client& client_;
    cloud::Client& store_;
    const std::string bucket_;
    std::vector<cloud::Object> objects_;
    const std::string data_source_;
    const std::stop_token stop_;
    transfer::ObjectLedger ledger_;
    std::vector<Place> places_;  ///< as many as objects
    std::optional<std::vector<tinybird::Job>> jobs_;
};

}  // namespace tinybird_cdk::framework
