// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <tinybird_cdk/cloud.hpp>
#include <tinybird_cdk/connector.hpp>
#include <tinybird_cdk/errors.hpp>
#include <tinybird_cdk/tinybird.hpp>

#include "transfer/object_ledger.hpp"

namespace tinybird_cdk::framework {

/// One load of one object that no other run may load at the same time: what happens to it is in the ledger before and
/// after. For one object.
class ObjectClaim {
public:
    struct Way {
        std::string bucket;
        std::string data_source;
        Via via;
    };
    ObjectClaim(tinybird::Client& client, cloud::Client& store, transfer::ObjectLedger& ledger, Way way);

    /// Loads what the object holds now. `was_there` tells whether another run did so in the meantime.
    /// @return false when there is no such object any more
    /// @throws errors::InDoubtError when another run has begun it, or when its rows are in and that can't be written
    bool load(LoadedObject& object, const CloudLoadOptions& options);

private:
    void begin(const std::stop_token& stop);
    void took(const std::string& job_id);
    void end_in(const errors::Error& error);
    /// As far as it goes: there is an error already, or the rows are on their way.
    void note(std::string_view event);
    void write_done();
    void warn_if_changed(const std::stop_token& stop);
    [[nodiscard]] transfer::LedgerEvent event_of(std::string_view event) const;

    tinybird::Client& client_;
    cloud::Client& store_;
    transfer::ObjectLedger& ledger_;
    const Way way_;
    const std::string load_id_;
    cloud::Object object_;
    std::string uri_;
    std::string job_id_;
    bool begun_ = false;  ///< the ledger may say so
    bool sent_ = false;   ///< something of the import may be
    bool whole_ = false;  ///< all of it may be
};

}  // namespace tinybird_cdk::framework
